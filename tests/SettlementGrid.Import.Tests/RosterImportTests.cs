using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Tests;

public sealed class RosterImportTests : IDisposable
{
    const string Header = "enrollee_id,region_id,insurance,coverages,identities";
    readonly Town _town = new();

    [Fact]
    public async Task Every_form_of_an_item_is_read()
    {
        var path = _town.Write(
            "r.csv", Header,
            "P1,150502,RESIDENT,a@2026-01-01..2026-06-30;a@2026-08-01..,STUDENT;LOW_INCOME_DISABLED@..2025-12-31",
            "P2,410902,EMPLOYEE,b@..;c,",
            "P3,150502,RESIDENT,,RETURNED_TO_POVERTY@2025-07-01..");
        var done = await _town.Done(path);
        Assert.Equal(new ImportCounts(3, 0, 0, 0), done.Counts);
        Assert.Null(done.RejectsPath);
        Assert.Equal(
            new RosterEntry(
                "150502", Insurance.Resident,
                [new Coverage("a", Days("2026-01-01", "2026-06-30")), new Coverage("a", Days("2026-08-01", null))],
                [
                    new Identity(IdentityKind.Student, default),
                    new Identity(IdentityKind.LowIncomeDisabled, Days(null, "2025-12-31")),
                ]),
            await _town.Entry("P1"));
        Assert.Equal(
            new RosterEntry("410902", Insurance.Employee, [new Coverage("b", default), new Coverage("c", default)], []),
            await _town.Entry("P2"));
        Assert.Equal(Days("2025-07-01", null), (await _town.Entry("P3"))!.Identities[0].Days);
    }

    [Fact]
    public async Task Columns_may_stand_in_any_order_and_fields_in_quotes()
    {
        var path = _town.Write(
            "r.csv", "identities,insurance,\"enrollee_id\",coverages,region_id",
            "STUDENT,RESIDENT,P1,\"a@..\",\"150502\"");
        Assert.Equal(1, (await _town.Done(path)).Counts.Enrolled);
        Assert.Equal(IdentityKind.Student, (await _town.Entry("P1"))!.Identities[0].Kind);
    }

    public static TheoryData<string, string> BadRows => new()
    {
        { "P 1,150502,RESIDENT,,", "enrollee_id" },
        { ",150502,RESIDENT,,", "enrollee_id" },
        { "P1,15050,RESIDENT,,", "region_id" },
        { "P1,150502,resident,,", "insurance" },
        { "P1,150502,RESIDENT,a@2026-01-01,", "coverages" },
        { "P1,150502,RESIDENT,a@2026-1-1..,", "coverages" },
        { "P1,150502,RESIDENT,a@2026-02-30..,", "coverages" },
        { "P1,150502,RESIDENT,a;;b,", "coverages" },
        { "P1,150502,RESIDENT,a@2026-02-01..2026-01-01,", "coverages" },
        { "P1,150502,RESIDENT,,RICH", "identities" },
        { "P1,150502,RESIDENT,", "5 fields" },
        { "P1,150502,RESIDENT,,,", "5 fields" },
        { "P1,150502,RESIDENT,\"a,", "Quotes" },
        { "P\"1,150502,RESIDENT,,", "Quotes" },
    };

    [Theory]
    [MemberData(nameof(BadRows))]
    public async Task A_bad_row_is_rejected_with_its_line_and_reason_and_the_others_are_stored(string row, string named)
    {
        var path = _town.Write("r.csv", Header, "G1,150502,RESIDENT,,", row, "G2,150502,RESIDENT,,");
        var done = await _town.Done(path);
        Assert.Equal(new ImportCounts(2, 0, 0, 1), done.Counts);
        var reject = Assert.Single(Rejects.Of(done.RejectsPath!));
        Assert.Equal(("3", "MALFORMED_REQUEST", row), (reject.Line, reject.Reason, reject.Original));
        Assert.Contains(named, reject.MessageEn, StringComparison.Ordinal);
        Assert.NotEqual("", reject.MessageZh);
    }

    [Fact]
    public async Task A_line_without_an_end_costs_its_own_row_only()
    {
        var path = _town.Write(
            "r.csv", Header, "P1," + new string('x', 100_000), "P2,150502,RESIDENT,,",
            new string('y', Limits.LineCharsMax + 1));
        var done = await _town.Done(path);
        Assert.Equal(new ImportCounts(1, 0, 0, 2), done.Counts);
        Assert.Equal(["2", "4"], Rejects.Of(done.RejectsPath!).Select(r => r.Line));
    }

    [Fact]
    public async Task A_person_that_stands_twice_is_rejected_naming_the_first_line()
    {
        var path = _town.Write(
            "r.csv", Header, "P1,bad,RESIDENT,,", "P1,150502,RESIDENT,,", "", "P2,150502,RESIDENT,,",
            "P1,150521,RESIDENT,,");
        var done = await _town.Done(path);
        Assert.Equal(new ImportCounts(2, 0, 0, 2), done.Counts);
        var rejects = Rejects.Of(done.RejectsPath!);
        Assert.Equal(["2", "6"], rejects.Select(r => r.Line));
        Assert.Contains("line 3", rejects[1].MessageEn, StringComparison.Ordinal);
        Assert.Equal("150502", (await _town.Entry("P1"))!.RegionId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("enrollee_id,region_id,insurance,coverages")]
    [InlineData("enrollee_id,region_id,insurance,coverages,identities,name")]
    [InlineData("enrollee_id,region_id,insurance,coverages,coverages")]
    [InlineData("P1,150502,RESIDENT,,")]
    public async Task An_unknown_header_refuses_the_file(string header)
    {
        var path = _town.Write("r.csv", header, "P1,150502,RESIDENT,,");
        var refused = Assert.IsType<ImportOutcome.Refused>(await _town.Import().Run(path, default));
        Assert.Contains("enrollee_id,region_id", refused.Refusal.MessageEn, StringComparison.Ordinal);
        Assert.Equal(0, (await _town.Ledger.ReadHead(default)).Position);
    }

    [Fact]
    public async Task The_same_file_again_writes_no_fact_and_a_changed_one_only_what_changed()
    {
        var rows = Enumerable.Range(1, 2_500).Select(n => $"P{n},150502,RESIDENT,a,").ToArray();
        var path = _town.Write("r.csv", [Header, .. rows]);
        Assert.Equal(new ImportCounts(2_500, 0, 0, 0), (await _town.Done(path)).Counts);
        Assert.Equal(1, _town.Tidied);
        var head = await _town.Ledger.ReadHead(default);

        Assert.Equal(new ImportCounts(0, 0, 2_500, 0), (await _town.Done(path)).Counts);
        Assert.Equal(head, await _town.Ledger.ReadHead(default));
        Assert.Equal(1, _town.Tidied);

        rows[1_700] = "P1701,150502,RESIDENT,a,STUDENT";
        path = _town.Write("r.csv", [Header, .. rows, "P2501,150502,RESIDENT,a,"]);
        Assert.Equal(new ImportCounts(1, 1, 2_499, 0), (await _town.Done(path)).Counts);
        Assert.Equal(2, (await _town.Ledger.Load("P1701", default)).Version);
    }

    [Fact]
    public async Task A_header_alone_is_done_at_once()
    {
        var done = await _town.Done(_town.Write("r.csv", Header));
        Assert.Equal(default, done.Counts);
        Assert.Equal(0, _town.Tidied);
    }

    public void Dispose() => _town.Dispose();

    static DaySpan Days(string? from, string? to) => new(Day(from), Day(to));

    static DateOnly? Day(string? text) => text is null ? null : DateOnly.ParseExact(text, "yyyy-MM-dd");
}
