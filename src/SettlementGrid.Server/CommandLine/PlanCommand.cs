using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using SettlementGrid.PlanFiles;
using SettlementGrid.Server.Auditing;
using SettlementGrid.Server.CommandLine.Simulating;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>
/// `plan validate|publish|list|schema|simulate`: plan files, with the server up or down (some need neither).
/// </summary>
public sealed class PlanCommand
{
    private readonly DatabaseChoice _database = new();

    private readonly Argument<FileInfo> _file = new("FILE") { Description = "a plan file, YAML 计划文件" };

    public static Command Create()
    {
        var plan = new PlanCommand();
        var validate =
            new Command("validate", "Say every fault of a plan file with its place; exit status 1 if any. 检查");
        validate.Arguments.Add(plan._file);
        validate.SetAction(async (parsed, cancellation) =>
            await ReadAsync(parsed.GetValue(plan._file)!, cancellation) is null ? ExitCode.No : ExitCode.Fine);
        var publish = new Command("publish", "Publish a plan file as the plan's next version. 公布");
        publish.Arguments.Add(plan._file);
        plan._database.AddTo(publish);
        publish.SetAction(plan.PublishAsync);
        var list = new Command("list", "List the published plans. 列出已公布的计划");
        plan._database.AddTo(list);
        list.SetAction(plan.ListAsync);
        var schema = new Command("schema", "Print the JSON Schema of plan files, for editors. 输出编辑器用的格式定义");
        schema.SetAction(_ => Terminal.Answer(PlanSchema.Text()));
        return new Command("plan", "Plan files: policies as data. 计划文件管理")
        {
            validate, publish, list, schema, SimulateCommand.Create(),
        };
    }

    private async Task<int> PublishAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (await ReadAsync(parsed.GetValue(_file)!, cancellation) is not var (plan, text))
        {
            return ExitCode.No;
        }

        await using var database = await Database.UseAsync(_database.In(parsed), Terminal.Say, cancellation);
        await using var engine = await Engine.StartAsync(
            database.ConnectionString, TimeProvider.System, NullLogger.Instance, cancellation);
        var (version, refusal) = await engine.Writing.Publish(plan, text, cancellation);
        if (refusal is not null)
        {
            Terminal.Say($"{refusal.Code}: {refusal.MessageZh}\n{refusal.MessageEn}");
            return ExitCode.No;
        }

        await AuditTable.NoteAsync(
            database.ConnectionString, "plan publish", $"plan_id={plan.Id} version={version}", cancellation);
        Terminal.Answer($"{plan.Id} version {version}");
        return ExitCode.Fine;
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var database = await Database.UseAsync(_database.In(parsed), Terminal.Say, cancellation);
        await using var engine = await Engine.StartAsync(
            database.ConnectionString, TimeProvider.System, NullLogger.Instance, cancellation);
        Terminal.Answer("plan_id                            version  kind      from        to          name");
        foreach (var version in engine.Catalogs.Current.Versions)
        {
            var plan = version.Plan;
            Terminal.Answer(
                $"{plan.Id,-33}  {version.Version,7}  {plan.Kind.ToString().ToUpperInvariant(),-8}  "
                + $"{plan.Effective.From?.ToString("yyyy-MM-dd") ?? "",-10}  "
                    + $"{plan.Effective.To?.ToString("yyyy-MM-dd") ?? "",-10}  "
                + $"{plan.NameZh}{(plan.Sample ? " (sample 示例)" : "")}");
        }

        return ExitCode.Fine;
    }

    // The plan and its text; null where it has faults, which were said.
    internal static async Task<(Plans.Plan Plan, string Text)?> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        if (!file.Exists)
        {
            Terminal.Say($"there is no file {file.FullName}.");
            return null;
        }

        var text = await File.ReadAllTextAsync(file.FullName, cancellation);
        var reading = PlanFile.Read(text);
        foreach (var finding in reading.Findings)
        {
            Terminal.Answer($"{file.Name}:{finding}\n    {finding.MessageZh}");
        }

        if (reading.Plan is null)
        {
            return null;
        }

        Terminal.Say($"{file.Name}: {reading.Plan.Id} is a valid plan. 计划文件有效");
        return (reading.Plan, text);
    }
}
