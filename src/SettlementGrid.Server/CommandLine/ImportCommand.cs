using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.Import;
using SettlementGrid.Server.Auditing;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>`import`: a roster or opening balances from a CSV file, with the server up or down.</summary>
public sealed class ImportCommand
{
    private readonly DatabaseChoice _database = new();

    private readonly Argument<FileInfo> _file = new("FILE") { Description = "CSV, UTF-8 or GB18030 文件" };

    public static Command Create()
    {
        var import = new ImportCommand();
        var command = new Command(
            "import",
            """
            Load a roster or opening balances from a CSV file. 导入参保名单或期初累计
              roster            enrollee_id,region_id,insurance,coverages,identities
                                coverages and identities: id@from..to separated by ';', open ends left out
              opening balances  enrollee_id,plan_id,layer_id,period,position_fen,paid_fen,basic_paid_fen,source
            Rows that cannot be taken go to FILE.rejects.csv with line and reason; an interrupted import goes on where
            it stopped when it is started again. Exit status 1: some rows were rejected. 被拒的行写入 FILE.rejects.csv
            """);
        command.Arguments.Add(import._file);
        import._database.AddTo(command);
        command.SetAction(import.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var file = parsed.GetValue(_file)!;
        if (!file.Exists)
        {
            Terminal.Say($"there is no file {file.FullName}.");
            return ExitCode.Usage;
        }

        var clock = TimeProvider.System;
        await using var database = await Database.UseAsync(_database.In(parsed), Terminal.Say, cancellation);
        await using var engine = await Engine.StartAsync(
            database.ConnectionString, clock, NullLogger.Instance, cancellation);
        var import = new FileImport(
            engine.Ledger, new Enrollees.RosterLoad(engine.Ledger, engine.Grid, clock), engine.Catalogs, clock, Show,
            async token =>
            {
                Terminal.Say("tidying the database (VACUUM ANALYZE)");
                await database.TidyAsync(token);
            });
        try
        {
            // Before it begins: an import that is killed has changed the roster too.
            await AuditTable.NoteAsync(database.ConnectionString, "import", $"file={file.Name}", cancellation);
            return Told(await import.Run(file.FullName, cancellation));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            Terminal.Say(unreadable.Message);
            return ExitCode.Usage;
        }
    }

    private static void Show(ImportProgress progress) => Terminal.Say(
        $"{progress.Percent,5:0.0} %  {progress.Counts.Rows,10:N0} rows  {progress.RowsPerSecond,8:N0} rows/s  "
        + $"{progress.Counts.Rejected:N0} rejected" + (progress.Left is { } left ? $"  {left:mm\\:ss} left" : ""));

    private static int Told(ImportOutcome outcome)
    {
        if (outcome is ImportOutcome.Refused refused)
        {
            Terminal.Say($"{refused.Refusal.Code}: {refused.Refusal.MessageZh}\n{refused.Refusal.MessageEn}");
            return ExitCode.Usage;
        }

        var counts = outcome.Counts;
        Terminal.Answer(
            $"{counts.Enrolled:N0} enrolled, {counts.Changed:N0} changed, {counts.Unchanged:N0} unchanged, "
            + $"{counts.Rejected:N0} rejected in {outcome.Elapsed.TotalSeconds:N1} s");
        if (outcome.RejectsPath is { } rejects)
        {
            Terminal.Say($"the rejected rows, each with its line and reason, are in {rejects}");
        }

        if (outcome is ImportOutcome.Stopped stopped)
        {
            Terminal.Say(
                $"stopped: {stopped.Refusal.MessageEn}. Start the same import again: it goes on where it stopped.");
            return ExitCode.CannotStart;
        }

        return counts.Rejected > 0 ? ExitCode.No : ExitCode.Fine;
    }
}
