using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SettlementGrid.Api.Methods;
using SettlementGrid.Plans;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.Auditing;

/// <summary>`audit`: the newest records of the audit, with the server up or down. Changes nothing.</summary>
public sealed class AuditCommand
{
    private const int DefaultHours = 24;
    private const int DefaultLines = 100;

    /// <summary>Lines of one command; longer reports are paged through AuditService.</summary>
    private const int LinesMax = 10_000;

    private readonly DatabaseChoice _database = new();

    private readonly Option<int> _hours = Counted("--hours", "how far back to look 回看小时数", DefaultHours, 24 * 366 * 3);

    private readonly Option<int> _lines = Counted("--lines", "how many of the newest 最新条数", DefaultLines, LinesMax);

    private readonly Option<string> _caller = Filter(
        "--caller", "a key's or certificate's id, local, terminal:USER, nobody 调用方");

    private readonly Option<string> _method = Filter(
        "--method", "such as EnrolleeService/GetAccount or 'plan publish' 方法");

    private readonly Option<string> _outcome = Filter("--outcome", "OK, or a reason such as NOT_PERMITTED 结果");

    public static Command Create()
    {
        var audit = new AuditCommand();
        var command = new Command(
            "audit",
            """
            Show who did what: readings of accounts, changes of keys, plans and rosters, refused callers. 查看审计记录
            Calls of one caller to one method with one outcome within a minute are one line with their count;
            person ids are masked; kept for three years.
            """);
        audit._database.AddTo(command);
        command.Options.Add(audit._hours);
        command.Options.Add(audit._lines);
        command.Options.Add(audit._caller);
        command.Options.Add(audit._method);
        command.Options.Add(audit._outcome);
        command.SetAction(audit.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var database = await Database.UseAsync(_database.In(parsed), Terminal.Say, cancellation);

        // Opening the ledger makes the table where no server has run yet.
        await using var engine = await Engine.StartAsync(
            database.ConnectionString, TimeProvider.System, NullLogger.Instance, cancellation);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var now = TimeProvider.System.GetUtcNow();
        var query = new AuditQuery(
            now.AddHours(-parsed.GetValue(_hours)), now.AddMinutes(1), parsed.GetValue(_caller)!,
            parsed.GetValue(_method)!, parsed.GetValue(_outcome)!, After: null, parsed.GetValue(_lines));
        var records = await new AuditTable(source).ReadAsync(query, newestFirst: true, cancellation);
        Terminal.Answer("first (Beijing)      last      count  caller            method                               "
            + "outcome            facility      region  subject");
        foreach (var record in records.Reverse())
        {
            Terminal.Answer(
                $"{record.FirstAt.ToOffset(BeijingTime.Offset):yyyy-MM-dd HH:mm:ss}  "
                + $"{record.LastAt.ToOffset(BeijingTime.Offset):HH:mm:ss}  {record.Count,5}  {record.Fold.Caller,-16}  "
                + $"{record.Fold.Method,-35}  {record.Fold.Outcome,-17}  "
                + $"{record.FacilityId,-12}  {record.RegionId,-6}  {record.Subject}");
        }

        return ExitCode.Fine;
    }

    private static Option<string> Filter(string name, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => "" };

    private static Option<int> Counted(string name, string description, int byDefault, int max)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => byDefault,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var given) && (given < 1 || given > max))
            {
                result.AddError($"{name} takes 1 to {max}.");
            }
        });
        return option;
    }
}
