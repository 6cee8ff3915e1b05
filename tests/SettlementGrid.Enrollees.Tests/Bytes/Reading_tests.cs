using SettlementGrid.Enrollees.Canonical;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>Edges of the reading that no entry of ours has.</summary>
public sealed class Reading_tests
{
    static byte[] Long(int bytes, byte last) => [.. Enumerable.Repeat((byte)0x80, bytes - 1), last];

    [Fact]
    public void A_number_has_at_most_ten_bytes_and_sixty_four_bits()
    {
        Assert.Equal(1UL << 63, new CanonicalReader(Long(10, 1)).Number());
        Assert.Equal(1UL << 56, new CanonicalReader(Long(9, 1)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader(Long(10, 2)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader(Long(11, 1)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader(Long(2, 0)).Number());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader([0x80]).Number());
    }

    [Fact]
    public void A_count_is_never_more_than_what_is_left()
    {
        Assert.Equal(2, new CanonicalReader([2, 0, 0]).Count());
        Assert.Throws<InvalidDataException>(() => new CanonicalReader([3, 0, 0]).Count());
        Assert.Throws<InvalidDataException>(() =>
        {
            var reader = new CanonicalReader([0, 0, 3, 0, 0]);
            reader.Byte();
            reader.Byte();
            return reader.Count();
        });
    }

    [Fact]
    public void Texts_that_stand_in_many_rows_are_one_object()
    {
        var (short64, long65) = (new string('a', 64), new string('a', 65));
        Assert.Same(Read(short64), Read(short64));
        Assert.Same(Read("plan"), Read("plan"));
        Assert.NotSame(Read(long65), Read(long65));
        Assert.Equal(long65, Read(long65));

        static string Read(string text)
        {
            var writer = new CanonicalWriter();
            writer.Text(text);
            return new CanonicalReader(writer.Written).Text();
        }
    }

    [Fact]
    public void Days_of_discharge_are_one_a_year_and_ascend()
    {
        Assert.Equal(2, Written(new(2024, 12, 31), new(2025, 1, 1)).Discharges.Days.Length);
        Assert.Throws<InvalidDataException>(() => Written(new(2025, 1, 1), new(2025, 1, 2)));
        Assert.Throws<InvalidDataException>(() => Written(new(2025, 1, 1), new(2024, 12, 31)));

        static Account Written(params DateOnly[] days) => Entry.ReadAccount(Entry.Next(
            Account.Unknown("p-1") with { Discharges = LatestDischarges.OfSorted(days) },
            new Fact.Barred("f", "r"), 0).Body);
    }

    [Fact]
    public void A_step_of_a_fund_shows_nothing_of_the_entry_before_it()
    {
        var (step, read) = (new FundStep(), new FundStep());
        foreach (var name in new[] { "settled-at-the-edges", "plan-published", "enrolled", "barred-of-nobody" })
        {
            step.Take(Entries.All[name]);
            read.Read(Entries.All[name].Body);
            foreach (var shown in new[] { step, read })
            {
                Assert.Equal(name.StartsWith("settled", StringComparison.Ordinal) ? 2 : 0, shown.Layers.Length);
                Assert.Equal(name.StartsWith("settled", StringComparison.Ordinal) ? 2 : 0, shown.Counted.Length);
                Assert.Equal(name == "enrolled" ? 2 : 0, shown.Covers.Length);
                Assert.Equal(name == "plan-published", shown.PlanText.Length > 0);
            }
        }
    }

    [Fact]
    public void A_cover_counts_in_the_years_of_its_days()
    {
        var day = new DateOnly(2025, 6, 30);
        var (step, read) = (new FundStep(), new FundStep());
        var entry = Entry.Next(Account.Unknown("p-1"), new Fact.Enrolled(new("150502", Plans.Insurance.Resident,
            [
                new("a", new(day, day)), new("b", new(day.AddDays(1), day)), new("c", new(null, day)),
                new("d", new(day, null)), new("e", default), new("f", new(day, day.AddYears(2))),
            ], [])), 0);
        step.Take(entry);
        read.Read(entry.Body);
        FundStepCover[] covers = [new("a", 2025, 2025), new("c", 1, 2025), new("d", 2025, 9999), new("e", 1, 9999),
            new("f", 2025, 2027)];
        Assert.Equal(covers, step.Covers);
        Assert.Equal(covers, read.Covers);
    }

    [Fact]
    public void A_state_is_read_of_persons_and_known_formats_only()
    {
        byte[] body = [.. Entries.All["settled"].Body];
        Assert.Equal("p-1", Entry.ReadAccount(body).EnrolleeId);
        Assert.Throws<InvalidDataException>(() => Entry.ReadAccount(Entries.All["plan-published"].Body));
        body[0] = 99;
        Assert.Throws<InvalidDataException>(() => Entry.ReadAccount(body));
    }
}
