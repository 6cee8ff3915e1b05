using System.Runtime.CompilerServices;
using SettlementGrid.Enrollees;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;

namespace SettlementGrid.Testing;

/// <summary>The shipped plans, and two small ones of our own that make every refusal reachable.</summary>
static class GivenPlans
{
    public const string Tongliao = "tongliao-resident-critical-2025";
    public const string Puyang = "puyang-employee-large-2026";
    public const string Supplement = "test-supplement";

    public const string SanmingSample = "sanming-sample";

    public static readonly string SanmingSampleText = Text("samples/sanming-sample.yaml");
    public static readonly string TongliaoText = Text("tongliao-resident-critical-2025.yaml");
    public static readonly string PuyangText = Text("puyang-employee-large-2026.yaml");

    /// <summary>
    /// Pays a share of what is left of the eligible cost after the plans before it; the start is a dated parameter that
    /// was announced for 2025 only.
    /// </summary>
    public static readonly string SupplementText = SupplementPaying(50);

    public static string SupplementPaying(int percent) => $$"""
        format: settlementgrid-plan/1
        id: {{Supplement}}
        name: { zh: 测试补充, en: Test supplement }
        kind: PUHUI
        order: 200
        region: "150500"
        effective: { from: 2025-01-01, clause: 测试 }
        parameters:
          start-of-year:
            name: { zh: 起付线, en: start }
            unit: MONEY
            required: false
            values: [{ from: 2025-01-01, to: 2025-12-31, value: 1000, source: 测试 }]
            clause: 测试
        layers:
          - id: rest
            name: { zh: 其余, en: the rest }
            payer: 测试承办机构
            fund_code: "999901"
            clause: 测试
            care_types: [INPATIENT]
            measure: ELIGIBLE_LESS_PRIOR
            start: { amount: { parameter: start-of-year }, clause: 测试 }
            rates:
              clause: 测试
              bands: [{ from: start, rate: {{percent}}% }]
            cap: { amount: 200000, clause: 测试 }
        """;

    public static Plan Read(string text) =>
        PlanFile.Read(text) is { Plan: { } plan }
            ? plan
            : throw new InvalidOperationException(string.Join("\n", PlanFile.Read(text).Findings));

    public static Catalog Catalog(params string[] texts) =>
        new(texts.Length, texts.Select(t => new PlanVersion(Read(t), 1, t)), []);

    public static readonly Catalog Shipped = Catalog(TongliaoText, PuyangText);

    /// <summary>Publishes a plan's next version and gives the entry's version.</summary>
    public static async Task<int> Publish(ILedger ledger, string text, DateTimeOffset now)
    {
        var stream = new StreamKey(StreamKind.Plan, Read(text).Id);
        var entries = await ledger.ReadStream(stream, 1, 1_000, CancellationToken.None);
        var at = now.ToUnixTimeMilliseconds();
        var entry = Entry.Next(stream, entries.Count == 0 ? null : entries[^1].Entry, new Fact.PlanPublished(text), at);
        var outcome = await ledger.Append(new Append([entry], null, at), CancellationToken.None);
        return outcome is AppendOutcome.Committed
            ? (int)entry.Version
            : throw new InvalidOperationException($"The plan was not published: {outcome}.");
    }

    static string Text(string file, [CallerFilePath] string here = "") => File.ReadAllText(
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../deploy/plans", file)));
}
