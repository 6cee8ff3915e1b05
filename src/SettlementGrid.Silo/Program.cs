using SettlementGrid.Server.CommandLine;
using SettlementGrid.Silo.Running;

return await CommandTree.RunAsync(SiloCommand.Create(), args);
