using SettlementGrid.LoadTest.Measuring;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>
/// Every contestant once a round, odd rounds forwards and even ones backwards, so that a machine that grows slower or
/// busier meanwhile weighs on none more than on another.
/// </summary>
public static class PeerRun
{
    /// <summary>
    /// True: measured and shown. Otherwise a contestant paid other amounts, or lost what it had acknowledged, and
    /// nothing is shown.
    /// </summary>
    public static async Task<bool> RunAsync(
        PeerSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        var began = clock.GetUtcNow();
        var same = new SameAnswers(settings.Load.Seed, settings.Compared);
        var rows = settings.Contestants.ToDictionary(one => one, _ => new List<PeerRow>());
        var absent = new Dictionary<Contestant, string>();
        for (var round = 1; round <= settings.Rounds; round++)
        {
            foreach (var one in round % 2 == 1 ? settings.Contestants : settings.Contestants.Reverse())
            {
                say($"round {round} of {settings.Rounds}: {Contestants.Names(one).Short}");
                switch (await TurnAsync(one, settings, same, clock, line => say("  " + line), cancellation))
                {
                    case PeerTurn.Measured measured:
                        rows[one].Add(measured.Row);
                        say($"  = {measured.Row.PerSecond:n0} a second {measured.Row.Remark}");
                        break;
                    case PeerTurn.Absent(var why):
                        absent[one] = why;
                        say($"  {why}");
                        break;
                    case PeerTurn.Failed(var why):
                        say($"NO RESULT: {why}");
                        return false;
                }
            }
        }
        var report = new PeerReport(settings, rows, absent, await Machine.ReadAsync(null, cancellation), began);
        report.Print();
        await report.WriteAsync(settings.Load.Report, settings.Load.Json);
        return true;
    }

    static Task<PeerTurn> TurnAsync(
        Contestant one, PeerSettings settings, SameAnswers same, TimeProvider clock, Action<string> say,
        CancellationToken cancellation) => one switch
        {
            Contestant.Pgbench => new PgbenchTurn(settings, clock, say).RunAsync(cancellation),
            Contestant.Batches => new BatchTurn(settings, clock, say).RunAsync(cancellation),
            _ => new ServedTurn(settings, same, clock, say).RunAsync(one, cancellation),
        };
}
