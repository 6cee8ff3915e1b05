using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SettlementGrid.Plans;
using static SettlementGrid.PlanFiles.Shapes;

namespace SettlementGrid.PlanFiles;

/// <summary>
/// The form of a plan file as a JSON Schema (draft 7), so that an editor offers keys and words and marks misspelt ones.
/// Words and bounds come from the tables the reader uses; that its keys are the reader's, mapping by mapping, is what a
/// test proves. It knows the form only: that bands join, references exist and dates ascend is for
/// <see cref="PlanFile.Read"/>.
/// </summary>
public static class PlanSchema
{
    static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Text() => Root().ToJsonString(Readable);

    static JsonObject Root()
    {
        var root = Plan();
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "SettlementGrid 险种文件 / plan file (" + PlanFile.Format + ")",
        };
        foreach (var (key, value) in root.ToList())
        {
            root.Remove(key);
            schema[key] = value;
        }
        schema["definitions"] = Definitions();
        return schema;
    }

    static JsonObject Plan() => Map(
        new("format", Only(PlanFile.Format), Required: true),
        new("id", Ref("id"), Required: true),
        new("name", Ref("name"), Required: true),
        new("kind", Word<PlanKind>().Says("A person has at most one plan of a kind on a day."), Required: true),
        new("order", Whole(0, 9999).Says("Plans of a person are settled in this order."), Required: true),
        new("region", Ref("region"), Required: true),
        new("effective", Days(fromRequired: true, withClause: true).Says("Discharge dates of this version."),
            Required: true),
        new("sample", Flag().Says("Published in sample mode only.")),
        new("template", Flag().Says("Never published: its required parameters have no values.")),
        new("source", Ref("remark")),
        new("readings", List(Map(
            new("clause", Ref("text"), Required: true), new("text", Ref("remark"), Required: true)),
            Limits.CasesMax).Says("Readings that belong to no single number.")),
        new("districts", WithClause(new Key("regions", List(Map(
            new("region", Ref("region"), Required: true), new("name", Ref("text"), Required: true)),
            Limits.DistrictsMax), Required: true)).Says("Who keeps separate books; never a condition of cover.")),
        new("parameters", ById(Ref("parameter"), Limits.ParametersMax).Says("Numbers announced from time to time.")),
        new("identity_groups", ById(WithClause(
            new("name", Ref("name"), Required: true), new("identities", Ref("identities"), Required: true)),
            Limits.CasesMax)),
        new("identities_as_of_cover_start", Ref("identities")),
        new("checks", List(WithClause(
            new("sum", List(Ref("id"), Limits.ParametersMax), Required: true),
            new("at_least", Ref("id"), Required: true)), Limits.CasesMax)
            .Says("What the document demands of parameters together.")),
        new("basic", Map(new("cap", CapRule()), new("fund_code", FundCode())).Says("The basic pool under the plan.")),
        new("layers", List(Ref("layer"), Limits.LayersMax), Required: true),
        new("shared_caps", List(Map(
            new("layers", List(Ref("id"), Limits.LayersMax), Required: true),
            new("cap", CapRule(), Required: true)), Limits.CasesMax).Says("Caps over several layers.")));

    static JsonObject Definitions() => new()
    {
        ["text"] = Shapes.Text(lengthMax: Limits.NameLengthMax),
        ["remark"] = Shapes.Text(lengthMax: Limits.RemarkLengthMax),
        ["id"] = Shapes.Text("^[0-9A-Za-z._:-]{1,64}$"),
        ["money"] = Shapes.Text(@"^[0-9]+(\.[0-9]{1,2})?$").Says("Yuan, as 14000 or 14000.50."),
        ["rate"] = Shapes.Text(@"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)%$", orNumber: false)
            .Says("As 90% or 66.5%."),
        ["day"] = Shapes.Text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", orNumber: false).Says("As 2026-01-31."),
        ["region"] = Shapes.Text("^[1-9][0-9]{5}$").Says("A six-digit administrative code."),
        ["fund_code"] = Shapes.Text("^[0-9]{6}$").Says("A fund code of six digits."),
        ["name"] = Map(new("zh", Ref("text"), Required: true), new("en", Ref("text"), Required: true)),
        ["amount"] = AnyOf(
            Ref("money"), Map(new("parameter", Ref("id"), Required: true), new("times", Ref("rate"))))
            .Says("Yuan, or a share of a parameter."),
        ["share"] = AnyOf(
            Ref("rate"), Map(new Key("parameter", Ref("id"), Required: true)),
            Map(new Key("rest_of", Ref("id"), Required: true)))
            .Says("A rate, a parameter, or what it leaves of the whole."),
        ["identities"] = List(AnyOf(Word<IdentityKind>(), Ref("id")), Limits.CasesMax)
            .Says("Identities and ids of identity groups."),
        ["care_types"] = AnyOf(
            Only("ALL"), Words<CareType>(), Map(new Key("all_but", Words<CareType>(), Required: true))),
        ["parameter"] = Parameter(),
        ["when"] = When(),
        ["layer"] = Layer(),
    };

    static JsonObject Parameter() => WithClause(
        new("name", Ref("name"), Required: true),
        new("unit", Word<ParameterUnit>(), Required: true),
        new("required", Flag()),
        new("values", List(Map(
            new("from", Ref("day"), Required: true), new("to", Ref("day")),
            new("value", AnyOf(Ref("money"), Ref("rate")), Required: true),
            new("source", Ref("remark"), Required: true)), Limits.ParameterValuesMax)
            .Says("Each holds until a later one replaces it or it expires.")));

    static JsonObject When()
    {
        var when = Map(
            new("care_types", Ref("care_types")),
            new("places", Words<CarePlace>()),
            new("filings", Words<Filing>()),
            new("drug_classes", Words<DrugClass>()),
            new("insurances", Words<Insurance>()),
            new("facility_levels", List(Whole(1, 3), 3)),
            new("identities", Ref("identities")),
            new("identities_all", Ref("identities")),
            new("identities_none", Ref("identities")),
            new("discharged", Days(fromRequired: false, withClause: false)),
            new("from_case", Whole(1, 1000).Says("From which case of the period on.")),
            new("parameter", Map(
                new("id", Ref("id"), Required: true), new("at_least", AnyOf(Ref("money"), Ref("rate"))))));
        when["minProperties"] = 1;
        return when.Says("All that is stated must hold.");
    }

    static JsonObject Layer() => WithClause(
        new("id", Ref("id"), Required: true),
        new("name", Ref("name"), Required: true),
        new("payer", Ref("text"), Required: true),
        new("fund_code", FundCode(), Required: true),
        new("basic", Flag().Says("The basic pool computed here; stands before all other layers.")),
        new("care_types", Ref("care_types"), Required: true),
        new("places", Words<CarePlace>()),
        new("measure", Word<Measure>().Says("What the position counts."), Required: true),
        new("start_measure", Word<Measure>().Says("What the start counts, where that is not the position.")),
        new("over_cap", Word<OverCapSource>()),
        new("period", Word<PeriodLength>().Says("When position and cap begin anew.")),
        new("bands_on", Word<BandsOn>().Says("Whether edges stand on the position or on its excess over the start.")),
        new("entitled", Rule().Says("For others the layer pays 0 and nothing moves.")),
        new("facility", WithClause(
            new("level_min", Whole(1, 3)), new("public", Flag()), new("drg", Flag()), new("special_disease", Flag()),
            new("designation", Word<LayerReader.Designation>()))),
        new("counting", Rule(new Key("share", Ref("rate"), Required: true))
            .Says("The share of the measure that enters the position.")),
        new("per_case", Rule(new Key("amount", Ref("amount"), Required: true))
            .Says("What the person bears of each case beforehand.")),
        new("start", Rule(new Key("amount", Ref("amount"), Required: true)).Says("Where the layer begins to pay.")),
        new("rates", Rule(new("not_covered", Flag()), new("bands", Bands())), Required: true),
        new("cap", CapRule()));

    static JsonObject Bands() => List(Map(
        new("from", AnyOf(Only("start"), Ref("amount")), Required: true),
        new("to", Ref("amount")),
        new("rate", Ref("share"), Required: true)), Limits.BandsMax)
        .Says("The first from start, each next from where the one before ended.");

    static JsonObject CapRule() => Rule(
        new("amount", Ref("amount")), new("unlimited", Flag()), new("on", Word<CapOn>()));

    static JsonObject FundCode() => AnyOf(
        Ref("fund_code"), Rule(new Key("code", Ref("fund_code"), Required: true)));

    static JsonObject Days(bool fromRequired, bool withClause)
    {
        Key[] days = [new("from", Ref("day"), fromRequired), new("to", Ref("day"))];
        return withClause ? WithClause(days) : Map(days);
    }

    static JsonObject Words<T>()
        where T : struct, Enum => List(Word<T>(), Limits.CasesMax);
}
