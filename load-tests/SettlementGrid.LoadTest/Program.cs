using System.CommandLine;
using SettlementGrid.LoadTest;

var options = new LoadOptions();
var root = new RootCommand(
    "Settles as fast as the server answers (closed loop) or as patients arrive (--rate, open loop), then holds every "
    + "acknowledged answer against the ledger, the accounts and the funds.");
options.AddTo(root);
root.SetAction(async (parsed, cancellation) =>
{
    var settings = options.Read(parsed);
    if (settings.Fault() is { } fault)
    {
        await Console.Error.WriteLineAsync(fault);
        return 2;
    }
    // Each mode is a class of its own that gives true where its figures were audited.
    return await LoadRun.RunAsync(settings, TimeProvider.System, Console.Error.WriteLine, cancellation) ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
