using SettlementGrid.PlanFiles;
using SettlementGrid.Server.CommandLine;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// The plan files that come with the program. A plan the ledger has never seen is published; one it knows is left
/// alone, whatever the file says by now: only a person publishes a new version.
/// </summary>
public static class ShippedPlans
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "plans");

    /// <param name="engine">whose ledger they are published to.</param>
    /// <param name="samples">whether those marked as samples are published beside them.</param>
    /// <param name="say">told what was published.</param>
    /// <param name="cancellation">ends it between two plans.</param>
    public static async Task PublishAsync(
        Engine engine, bool samples, Action<string> say, CancellationToken cancellation)
    {
        var files = Directory.EnumerateFiles(Folder, "*.yaml")
            .Concat(samples ? Directory.EnumerateFiles(Path.Combine(Folder, "samples"), "*.yaml") : [])
            .Order(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var text = await File.ReadAllTextAsync(file, cancellation);
            var reading = PlanFile.Read(text);
            if (reading.Plan is not { } plan)
            {
                throw new CannotStartException($"The plan file {file} is broken: {reading.Findings[0]}");
            }

            if (engine.Catalogs.Current.Latest(plan.Id) is not null)
            {
                continue;
            }

            // A template is a form to be filled in by a city, not a plan.
            if (Plans.Publishing.Check(plan) is not null)
            {
                continue;
            }

            var (version, refusal) = await engine.Writing.Publish(plan, text, cancellation);
            say(refusal is null
                ? $"plan {plan.Id} version {version} published"
                : $"plan {plan.Id} not published: {refusal.MessageEn}");
        }
    }
}
