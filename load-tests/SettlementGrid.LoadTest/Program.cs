using System.CommandLine;
using SettlementGrid.LoadTest;
using SettlementGrid.LoadTest.Modes;

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
    try
    {
        // Each mode is a class of its own that gives true where its figures were audited.
        var clock = TimeProvider.System;
        var audited = options.IsTour(parsed)
            ? await Tour.RunAsync(settings.Report, settings.Json, clock, Console.Error.WriteLine, cancellation)
            : settings.Repeat > 0 ? await RepeatedRuns.RunAsync(settings, clock, Console.Error.WriteLine, cancellation)
            : await LoadRun.RunAsync(settings, clock, Console.Error.WriteLine, cancellation);
        return audited ? 0 : 1;
    }
    catch (InvalidOperationException stopped)
    {
        // What a person can put right: a server that does not start, a roster that is not there.
        await Console.Error.WriteLineAsync(stopped.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
