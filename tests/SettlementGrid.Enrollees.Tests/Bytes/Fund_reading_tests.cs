using FsCheck;
using FsCheck.Fluent;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>The reading that skips what funds do not ask for sees what the whole reading sees.</summary>
public sealed class Fund_reading_tests
{
    readonly FundStep _lean = new();
    readonly FundStep _whole = new();

    [Fact]
    public void Any_entry_says_the_same_read_in_part_as_read_whole() => Prop.ForAll(
        Arb.From(Round_trip_tests.AnyEntry), SaysTheSame).QuickCheckThrowOnFailure();

    public static TheoryData<string> Names => [.. Entries.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Golden_entries_say_the_same(string name) => SaysTheSame(Entries.All[name]);

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_that_end_too_early_are_damaged_and_not_more(string name)
    {
        var body = Entries.All[name].Body;
        for (var length = 0; length < body.Length; length++)
            if (Record.Exception(() => _lean.Read(body.AsSpan(0, length))) is { } error)
                Assert.IsType<InvalidDataException>(error);
        Assert.Throws<InvalidDataException>(() => _lean.Read(body.AsSpan(0, 34)));
    }

    /// <summary>
    /// One instance is filled with one entry after another, so nothing of the one before may be left.
    /// </summary>
    void SaysTheSame(Entry entry)
    {
        _lean.Read(entry.Body);
        _whole.Take(entry);
        Assert.Equal((_whole.Kind, _whole.At), (_lean.Kind, _lean.At));
        switch (entry.Fact)
        {
            case Fact.Enrolled or Fact.RosterChanged:
                Assert.Equal((_whole.Person, _whole.RegionId), (_lean.Person, _lean.RegionId));
                break;
            case Fact.Money:
                Assert.Equal(
                    (_whole.Person, _whole.RegionId, _whole.Year, _whole.FacilityId, _whole.FacilityRegion),
                    (_lean.Person, _lean.RegionId, _lean.Year, _lean.FacilityId, _lean.FacilityRegion));
                Assert.Equal(
                    (_whole.StatedPlace, _whole.CareType, _whole.BasicPaid, _whole.BasicFundCode),
                    (_lean.StatedPlace, _lean.CareType, _lean.BasicPaid, _lean.BasicFundCode));
                break;
            case Fact.PlanPublished:
                Assert.Equal((_whole.PlanId, _whole.PlanVersion), (_lean.PlanId, _lean.PlanVersion));
                break;
        }
        Assert.Equal(_whole.PlanText, _lean.PlanText);
        Assert.Equal(_whole.Record, _lean.Record);
        Assert.Equal(_whole.Layers, _lean.Layers);
        Assert.Equal(_whole.Counted, _lean.Counted);
        Assert.Equal(_whole.Covers, _lean.Covers);
    }
}

/// <summary>Persons are known apart by 128 bits.</summary>
public sealed class Person_key_tests
{
    [Fact]
    public void Ids_are_known_apart()
    {
        string[] ids =
        [
            "", "0", "00", "1", "a", "A", "-", ".", "_", ":", "0123456789", "01234567890", "110101199003071234",
            "110101199003071235", "11010119900307123X", "12345678901234567890", "123456789012345678901", "病人", "a b",
            "a/b",
            new string('x', 64), new string('x', 63), new string('长', 64), new string('z', 500),
        ];
        Assert.Equal(ids.Length, ids.Select(PersonKey.Of).Distinct().Count());
    }

    [Fact]
    public void A_key_is_the_same_from_text_and_from_bytes()
    {
        foreach (var id in new[] { "p-1", "110101199003071234", new string('x', 64), "病人" })
            Assert.Equal(PersonKey.Of(id), PersonKey.Of(System.Text.Encoding.UTF8.GetBytes(id)));
    }

    /// <summary>Checkpoints of folds hold these keys.</summary>
    [Fact]
    public void Keys_stay_what_they_were()
    {
        Assert.Equal(
            "0000000000000002", ((ulong)(PersonKey.Of("1") >> 64)).ToString("x16"));
        Assert.Equal(UInt128.One << 127, PersonKey.Of(new string('x', 21)) & (UInt128.One << 127));
    }
}
