using SettlementGrid.PlanFiles;

namespace SettlementGrid.Plans.Tests;

/// <summary>Each row breaks the sound file in one way: what is replaced, by what, and the finding that must come of it.</summary>
public class Broken_file_tests
{
    [Fact]
    public void The_file_that_the_rows_break_is_sound()
    {
        var reading = PlanFile.Read(SoundFile.Text);
        Assert.Empty(reading.Findings);
        Assert.Equal(["ward", "drug"], reading.Plan!.Layers.Select(layer => layer.Id));
    }

    [Theory]
    // Keys and structure.
    [InlineData("kind: CRITICAL", "kinds: CRITICAL", "4:1 kinds: unknown key 'kinds'; did you mean 'kind'?")]
    [InlineData("kind: CRITICAL", "kinds: CRITICAL", "1:1 kind: 'kind' is missing (expected one of LARGE, CRITICAL, PUHUI)")]
    [InlineData("order: 10", "order: 10\norder: 11", "6:1 order: the key 'order' stands twice (first in line 5) (expected each key once)")]
    [InlineData("order: 10", "colour: red", "5:1 colour: unknown key 'colour' (expected one of format, id")]
    [InlineData("    measure: OWN", "    mesure: OWN", "layers[0].mesure: unknown key 'mesure'; did you mean 'measure'?")]
    [InlineData("payer: 第六保险", "payer:", "layers[0].payer: 'payer' is missing")]
    [InlineData("payer: 第六保险", "payer: [第六保险]", "layers[0].payer: a single value is expected here, not a list")]
    [InlineData("name: { zh: 第六市, en: A sixth city }", "name: 第六市", "3:7 name: a mapping is expected here, not a single value")]
    [InlineData("name: { zh: 第六市, en: A sixth city }", "name: { zh: 第六市 }", "3:7 name.en: 'en' is missing")]
    [InlineData("layers:\n", "layers: []\nlayer:\n", "layers: the list is empty")]
    [InlineData("layers:\n", "layers: []\nlayer:\n", "layer: unknown key 'layer'; did you mean 'layers'?")]
    [InlineData("- id: drug", "- id: ward", "layers[1].id: the layer id 'ward' stands twice")]
    [InlineData("id: sixth-city", "id: sixth city", "2:5 id: the id 'sixth city' has a character that is not allowed")]
    [InlineData("format: settlementgrid-plan/1", "format: settlementgrid-plan/9", "1:9 format: the format 'settlementgrid-plan/9' is not known (expected settlementgrid-plan/1)")]
    // Words of closed lists.
    [InlineData("kind: CRITICAL", "kind: CRITCAL", "4:7 kind: unknown word 'CRITCAL'; did you mean 'CRITICAL'?")]
    [InlineData("[INPATIENT, ACCIDENT_INPATIENT]", "[INPATIENT, DENTAL]", "layers[0].care_types[1]: unknown word 'DENTAL' (expected one of INPATIENT")]
    [InlineData("identities: [LOW_INCOME, ORPHAN]", "identities: [LOW_INCOMES]", "identity_groups.poor.identities[0]: unknown word 'LOW_INCOMES'; did you mean 'LOW_INCOME'?")]
    [InlineData("when: { identities: [poor] }, amount", "when: { identities: [rich] }, amount", "layers[0].start[0].when.identities[0]: unknown word 'rich'")]
    [InlineData("measure: OWN_ELIGIBLE_SHARE", "measure: SOMETHING", "layers[0].measure: unknown word 'SOMETHING' (expected one of ELIGIBLE, OWN_ELIGIBLE_SHARE")]
    [InlineData("public: true", "public: yes", "layers[0].facility.public: 'yes' is neither true nor false")]
    [InlineData("level_min: 2", "level_min: 4", "layers[0].facility.level_min: '4' is not a whole number from 1 to 3")]
    [InlineData("region: \"340100\"", "region: \"3401\"", "6:9 region: '3401' is not an administrative code")]
    [InlineData("fund_code: \"390201\"", "fund_code: \"39201\"", "layers[0].fund_code: '39201' is not a fund code")]
    // Figures.
    [InlineData("rate: 60%", "rate: 160%", "layers[0].rates[1].bands[0].rate: the rate '160%' is out of range (expected 0% to 100%")]
    [InlineData("rate: 60%", "rate: 0.6", "layers[0].rates[1].bands[0].rate: '0.6' is not a rate")]
    [InlineData("rate: 60%", "rate: 60.123%", "layers[0].rates[1].bands[0].rate: the rate '60.123%' is out of range")]
    [InlineData("rate: 60%", "rate: -60%", "layers[0].rates[1].bands[0].rate: '-60%' is not a rate")]
    [InlineData("amount: 300000", "amount: -300000", "layers[0].cap[1].amount: '-300000' is not an amount")]
    [InlineData("amount: 300000", "amount: 300,000", "layers[0].cap[1].000: unknown key '000'")]
    [InlineData("amount: 300000", "amount: 0.005", "layers[0].cap[1].amount: the amount '0.005' is out of range or has too many decimals")]
    [InlineData("amount: 300000", "amount: 1e9", "layers[0].cap[1].amount: '1e9' is not an amount")]
    [InlineData("order: 10", "order: ten", "5:8 order: 'ten' is not a whole number from 0 to 9999")]
    // Bands.
    [InlineData("from: 50000, to: 100000", "from: 40000, to: 100000", "layers[0].rates[1].bands[1].from: overlaps the band before, which ends at 50,000.00 yuan, while this begins at 40,000.00")]
    [InlineData("from: 50000, to: 100000", "from: 60000, to: 100000", "layers[0].rates[1].bands[1].from: leaves a gap from 50,000.00 to 60,000.00 yuan")]
    [InlineData("from: 50000, to: 100000", "from: 50000, to: 50000", "layers[0].rates[1].bands[1].to: the upper edge of 50,000.00 yuan is not above the lower of 50,000.00")]
    [InlineData("{ from: start, to: 50000, rate: 60% }", "{ from: 0, to: 50000, rate: 60% }", "layers[0].rates[1].bands[0].from: the first band, and only the first, begins at 'start'")]
    [InlineData("{ from: start, to: 50000, rate: 60% }", "{ from: start, rate: 60% }", "layers[0].rates[1].bands[0]: only the last band may be open above")]
    [InlineData("{ from: 50000, to: 100000, rate: 65% }", "{ from: 50000, to: 100000 }", "layers[0].rates[1].bands[1].rate: 'rate' is missing")]
    // Dates.
    [InlineData("to: 2026-12-31, clause: 一", "to: 2025-12-31, clause: 一", "7:36 effective.to: the last day 2025-12-31 is before the first, 2026-01-01")]
    [InlineData("from: 2026-01-01, to: 2026-12-31, clause", "from: 2026-02-30, to: 2026-12-31, clause", "7:20 effective.from: '2026-02-30' is not a day")]
    [InlineData("from: 2026-01-01, to: 2026-12-31, clause", "to: 2026-12-31, clause", "effective.from: 'from' is missing")]
    [InlineData("from: 2026-07-01, to: 2026-12-31", "from: 2024-07-01, to: 2026-12-31", "parameters.income.values[1].from: values must stand in ascending order")]
    // Clauses, cases, references.
    [InlineData("start:\n      - { when: { identities: [poor] }, amount: { parameter: income, times: 25% }, clause: 八 }", "start:\n      - { when: { identities: [poor] }, amount: 1 }", "layers[0].start[0].clause: 'clause' is missing")]
    [InlineData("cap: { amount: 100000, clause: 四 }", "cap: 100000", "basic.cap: a mapping is expected here, not a single value")]
    [InlineData("- { when: { identities: [poor] }, amount", "- { amount", "layers[0].start[1]: the case before has no condition, so that this one never counts")]
    [InlineData("when: { identities: [poor] }, amount", "when: {}, amount", "layers[0].start[0].when: the condition is empty")]
    [InlineData("{ amount: 300000, clause: 十 }", "{ amount: 300000, unlimited: true, clause: 十 }", "layers[0].cap[1]: states both or neither of 'amount' and 'unlimited: true'")]
    [InlineData("{ parameter: income, times: 50% }", "{ parameter: incom, times: 50% }", "layers[0].start[1].amount.parameter: unknown word 'incom'; did you mean 'income'?")]
    [InlineData("{ parameter: income, times: 50% }", "{ parameter: ratio }", "layers[0].start[1].amount.parameter: the parameter 'ratio' is in a rate")]
    [InlineData("    values:\n      - { from: 2025-01-01, value: 42000, source: 公告一 }\n      - { from: 2026-07-01, to: 2026-12-31, value: 44000.50, source: 公告二 }\n", "", "parameters.income: the required parameter 'income' has no value")]
    [InlineData("layers: [ward, drug]", "layers: [ward, drugs]", "shared_caps[0].layers[1]: unknown word 'drugs'; did you mean 'drug'?")]
    [InlineData("over_cap: STATED", "over_cap: FROM_BASIC_CAPS", "layers[1].over_cap: unknown word 'FROM_BASIC_CAPS'; did you mean 'FROM_BASIC_CAP'?")]
    [InlineData("    over_cap: STATED\n", "", "layers[1].over_cap: 'over_cap' is missing")]
    [InlineData("bands_on: EXCESS", "over_cap: STATED", "layers[0].over_cap: has a meaning only where measure is OVER_CAP_ELIGIBLE")]
    [InlineData("    bands_on: EXCESS", "    period: MONTH", "shared_caps: the layers of a shared cap have different periods")]
    [InlineData("  poor:\n", "  ORPHAN:\n", "identity_groups.ORPHAN: 'ORPHAN' is the name of an identity")]
    // YAML itself.
    [InlineData("name: { zh: 第六市, en: A sixth city }", "name: { zh: 第六市, en: A sixth city", "YAML syntax error")]
    [InlineData("order: 10", "\torder: 10", "YAML syntax error")]
    [InlineData("order: 10", "order: &ten 10", "5:8 order: anchors are not allowed (&ten)")]
    [InlineData("order: 10", "order: *ten", "5:8 order: aliases are not allowed (*ten)")]
    [InlineData("order: 10", "order: !!int 10", "5:8 order: tags are not allowed (tag:yaml.org,2002:int)")]
    [InlineData("    cap: { amount: 400000, clause: 十二 }", "    cap: { amount: 400000, clause: 十二 }\n---\nid: second", "a file holds one document only")]
    public void A_fault_is_found_at_its_place(string sound, string broken, string finding)
    {
        var text = Edit(sound, broken);
        var reading = PlanFile.Read(text);
        Assert.Null(reading.Plan);
        var found = Assert.Single(reading.Findings, f => f.ToString().Contains(finding, StringComparison.Ordinal));
        Assert.Equal(Severity.Error, found.Severity);
        Assert.True(found.MessageZh.Length > 0 && found.MessageZh != found.MessageEn);
        Assert.InRange(found.Line, 1, text.Split('\n').Length + 1);
    }

    [Fact]
    public void All_faults_of_a_file_are_given_at_once_in_the_order_of_their_places()
    {
        var text = Edit("kind: CRITICAL", "kind: NONE")
            .Replace("rate: 60%", "rate: 600%", StringComparison.Ordinal)
            .Replace("from: 50000, to: 100000", "from: 1, to: 100000", StringComparison.Ordinal)
            .Replace("layers: [ward, drug]", "layers: [wards]", StringComparison.Ordinal)
            .Replace("identities: [LOW_INCOME, ORPHAN]", "identities: [NOBODY]", StringComparison.Ordinal);
        Assert.Equal(
            ["kind", "identity_groups.poor.identities[0]", "layers[0].rates[1].bands[0].rate",
             "layers[0].rates[1].bands[1].from", "shared_caps[0].layers[0]"],
            PlanFile.Read(text).Findings.Select(f => f.Path));
    }

    [Fact]
    public void Warnings_do_not_stand_in_the_way()
    {
        var reading = PlanFile.Read(Edit("{ from: 100000, rate: { parameter: ratio } }", "{ from: 100000, to: 200000, rate: 70% }"));
        Assert.NotNull(reading.Plan);
        var warning = Assert.Single(reading.Findings);
        Assert.Equal((Severity.Warning, "layers[0].rates[1].bands[2].to"), (warning.Severity, warning.Path));
    }

    internal static string Edit(string sound, string broken)
    {
        var at = SoundFile.Text.IndexOf(sound, StringComparison.Ordinal);
        Assert.True(at >= 0, "the sound file does not hold: " + sound);
        return string.Concat(SoundFile.Text.AsSpan(0, at), broken, SoundFile.Text.AsSpan(at + sound.Length));
    }
}
