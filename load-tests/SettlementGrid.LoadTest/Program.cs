using System.CommandLine;
using SettlementGrid.LoadTest;
using SettlementGrid.LoadTest.Overload;

var options = new LoadOptions();
var root = new RootCommand(
    "Settles as fast as the server answers (closed loop) or as patients arrive (--rate, open loop), then holds every "
    + "acknowledged answer against the ledger, the accounts and the funds.");
options.AddTo(root);
var overload = new OverloadOptions();
overload.AddTo(root);
root.SetAction(async (parsed, cancellation) =>
{
    var settings = options.Read(parsed);
    var overloading = overload.Read(parsed, settings);
    if ((overloading is null ? settings.Fault() : overloading.Fault()) is { } fault)
    {
        await Console.Error.WriteLineAsync(fault);
        return 2;
    }
    // Each mode is a class of its own that gives true where its figures were audited.
    var audited = overloading is null
        ? LoadRun.RunAsync(settings, TimeProvider.System, Console.Error.WriteLine, cancellation)
        : OverloadRun.RunAsync(overloading, TimeProvider.System, Console.Error.WriteLine, cancellation);
    return await audited ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
