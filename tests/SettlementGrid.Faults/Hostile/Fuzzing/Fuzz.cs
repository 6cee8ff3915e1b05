using System.Diagnostics;
using SettlementGrid.Faults.Hostile.Measuring;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>
/// Damaged messages to every method of the table while hospitals settle: whatever is sent, the server lives, answers
/// with a status, shows nothing of its insides, and settles only what a readable bill asked for.
/// </summary>
public sealed class Fuzz : Fault
{
    const int Messages = 1_000_000;
    const int MessagesInSlice = 10_000;
    const int InFlight = 48;
    const int HealthyPerSecond = 20;
    const int SayEvery = 50_000;

    public override string Name => "fuzz";

    public override IReadOnlyList<int> Numbers => [31, 33, 39];

    public override string What => "a million damaged messages to every method, by gRPC and JSON";

    public override string WhatChinese => "向每个接口发送一百万条变异报文";

    // Its plans, facilities and persons would meet other faults.
    public override bool Shares => false;

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(1);
        var load = await run.LoadAsync(servers, FaultLimits.At(HealthyPerSecond));
        var messages = new FuzzMessages(run.Seed);
        using (var connection = new GrpcConnection(servers[0].Place.Grpc))
        {
            var enrolled = await connection.CallAsync(GrpcMethods.PutEnrollees, messages.Seeds.Roster());
            run.Verdict.Require(enrolled.Response is not null, $"The roster was not taken: {enrolled.Message}");
        }
        var acknowledged = new Acknowledged();
        var since = Stopwatch.GetTimestamp();
        var count = run.IsSlice ? MessagesInSlice : Messages;
        var before = load.Hospitals.Receipts().Count;
        await using (var memory = new Memory(servers[0].ProcessId))
        {
            await SendAsync(run, messages, count, servers[0], acknowledged);
            run.Say($"{count:n0} messages to {FuzzTable.Rows.Count} methods in "
                + $"{Stopwatch.GetElapsedTime(since).TotalSeconds:0} s; {acknowledged.Count:n0} of them settled or "
                + $"reversed; the server held {memory.Most >> 20} MB at the most");
        }
        run.Verdict.Require(load.Hospitals.Receipts().Count > before, "No healthy bill was settled in between.");
        foreach (var difference in await acknowledged.CompareAsync(run.Site.Connection))
            run.Verdict.Find(difference);
        foreach (var line in Faults(servers[0]))
            run.Verdict.Find($"The server logged {line}");
    }

    static async Task SendAsync(
        FaultRun run, FuzzMessages messages, int count, RunningServer server, Acknowledged acknowledged)
    {
        using var caller = new FuzzCaller(server.Place);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < count && server.IsAlive)
            {
                var message = messages.Of(number);
                var answer = await caller.SendAsync(message);
                if ((Judgement.Of(message, answer) ?? acknowledged.Note(message, answer)) is { } finding)
                    Tell(run, $"Message {number}: {finding}\n    {message.Again(server.Place.Grpc)}");
                if (number % SayEvery == SayEvery - 1)
                    run.Say($"  {number + 1:n0} messages");
            }
        })));
        run.Verdict.Require(server.IsAlive, $"The server ended at message {next}: {server.Output}");
    }

    // At once: a million messages take minutes.
    static void Tell(FaultRun run, string finding)
    {
        run.Verdict.Find(finding);
        run.Say(finding);
    }

    // Whatever a caller sends is no fault of the server's, so nothing may be logged as one.
    static IEnumerable<string> Faults(RunningServer server)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(server.Place.DataFolder, "log")))
        {
            using var text = new StreamReader(
                new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (text.ReadLine() is { } line)
            {
                if (line.Contains("\"level\":\"Error\"", StringComparison.Ordinal)
                    || line.Contains("\"level\":\"Critical\"", StringComparison.Ordinal))
                    yield return line;
            }
        }
    }
}
