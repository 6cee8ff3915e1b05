using SettlementGrid.Server.CommandLine;

return await CommandTree.RunAsync(args);
