using System.CommandLine;
using SettlementGrid.Simulation.Running;

return await new SimulateCommand(TimeProvider.System, Console.Out, Console.Error).Create().Parse(args).InvokeAsync();
