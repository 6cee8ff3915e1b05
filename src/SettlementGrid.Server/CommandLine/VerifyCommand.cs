using System.CommandLine;
using Npgsql;
using SettlementGrid.Ledger.Verification;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>`verify`: is the ledger as it was written? With the server up or down.</summary>
public sealed class VerifyCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    private readonly DatabaseChoice _database = new();

    private readonly Option<string?> _anchor = new("--anchor")
    {
        Description = "the anchor file, best a copy kept elsewhere; left out: the one beside the data 锚文件",
        HelpName = "FILE",
    };

    public static Command Create()
    {
        var verify = new VerifyCommand();
        var command = new Command(
            "verify",
            """
            Walk the ledger and check that it is as it was written: hashes, positions, columns against canonical bytes,
            every figure computed again, fund sums, the signed anchors. Exit status 1, and the place, if anything
            differs. 核验账本
            """);
        verify._database.AddTo(command);
        command.Options.Add(verify._anchor);
        command.SetAction(verify.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var place = _database.In(parsed);
        var named = parsed.GetValue(_anchor);
        var anchor = named ?? new RunSettings(place).AnchorPath;
        if (!File.Exists(anchor))
        {
            Terminal.Say(
                $"there is no anchor file {anchor}: an end that was cut off, or a ledger written anew, would not show. "
                + "没有锚文件：账本末尾被截去或整本重写无法看出");
            anchor = null;
        }
        else if (named is null)
        {
            Terminal.Say(
                "the anchor file beside the data is compared: who could change both would not show; name a copy kept "
                + "elsewhere (--anchor). 所比对的锚文件与数据同处：两者被同时改动无法看出，请用另存的锚文件核验");
        }

        await using var database = await Database.UseAsync(place, Terminal.Say, cancellation);
        VerificationReport report;
        try
        {
            report = await new LedgerVerification(database.ConnectionString, Engine.ReadPublished, anchor)
                .Run(new Every(ProgressEvery, TimeProvider.System), cancellation);
        }
        catch (PostgresException damaged) when (IsDamage(damaged.SqlState))
        {
            Terminal.Answer(
                "the ledger cannot be read to its end: PostgreSQL found a damaged page or disk (SQLSTATE "
                    + $"{damaged.SqlState}). "
                + "Its log names the file; restore it from a backup 账本数据页损坏，请从备份恢复");
            return ExitCode.No;
        }

        foreach (var finding in report.Findings)
        {
            Terminal.Answer(finding.ToString());
        }

        Terminal.Answer(
            $"{report.Entries:N0} entries of {report.Streams:N0} streams in {report.Head.CommitNumber:N0} commits; "
            + $"{report.Settlements:N0} settlements computed again; {report.Anchors:N0} anchors compared; "
            + $"{report.Funds:N0} funds summed again, {report.Checkpoints:N0} fund checkpoints compared: "
            + (report.IsClean ? "all as it was written 账本完好" : $"{report.Findings.Count:N0} differences 账本有异"));
        return report.IsClean ? ExitCode.Fine : ExitCode.No;
    }

    // XX: what is stored contradicts itself (a page's checksum, an index); 58: the system cannot read the file.
    private static bool IsDamage(string state) =>
        state.StartsWith("XX", StringComparison.Ordinal) || state.StartsWith("58", StringComparison.Ordinal);

    // One line a second at the most; reports come from one thread.
    private sealed class Every(TimeSpan pause, TimeProvider clock) : IProgress<VerificationProgress>
    {
        private long _last = clock.GetTimestamp();

        public void Report(VerificationProgress value)
        {
            if (clock.GetElapsedTime(_last) >= pause)
            {
                _last = clock.GetTimestamp();
                Terminal.Say($"{100.0 * value.Done / Math.Max(1, value.Total):0} %  {value.Done / 2:N0} entries");
            }
        }
    }
}
