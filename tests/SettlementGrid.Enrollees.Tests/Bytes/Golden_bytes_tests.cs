using System.Runtime.CompilerServices;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>
/// The ledger keeps these bytes for good, and their hashes are chained: no change may alter what is written.
/// </summary>
public sealed class Golden_bytes_tests
{
    const string Approve = "SETTLEMENTGRID_APPROVE_GOLDEN";

    public static TheoryData<int, string> Names
    {
        get
        {
            var names = new TheoryData<int, string>();
            foreach (var format in new[] { 1, 2 })
                foreach (var name in EntriesOf(format).Keys)
                    names.Add(format, name);
            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_entry_has_the_bytes_it_always_had(int format, string name)
    {
        var entry = EntriesOf(format)[name];
        Assert.Equal(format, entry.Format);
        var path = Path.Combine(Folder(format), name + ".hex");
        if (!File.Exists(path) && Environment.GetEnvironmentVariable(Approve) == "1")
            File.WriteAllText(path, Disassembly.Of(entry.Body));
        Assert.True(File.Exists(path),
            $"{path} is missing. For a new case run the tests once with {Approve}=1, read the file, commit it.");
        var golden = File.ReadAllText(path);
        Assert.True(
            Disassembly.BytesOf(golden).AsSpan().SequenceEqual(entry.Body),
            $"{name} is no longer written as it was. Ledgers hold the old bytes: give the new form a new format number "
            + "in EntryCodec, keep reading the old one, and add a golden file for it. Never edit an existing one. "
            + "Written now:\n" + Disassembly.Of(entry.Body));
        Assert.Equal(golden, Disassembly.Of(entry.Body));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Golden_bytes_read_back_to_the_entry(int format, string name)
    {
        var read = Entry.Read(Disassembly.BytesOf(File.ReadAllText(Path.Combine(Folder(format), name + ".hex"))));
        Same.Entry(EntriesOf(format)[name], read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_golden_file_is_without_its_case(int format) => Assert.Equal(
        Directory.GetFiles(Folder(format), "*.hex").Select(Path.GetFileNameWithoutExtension)
            .Order(StringComparer.Ordinal),
        EntriesOf(format).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Entries_are_written_in_the_newest_format() =>
        Assert.All(Entries.All.Values, entry => Assert.Equal(2, entry.Format));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public void Bytes_of_an_unknown_format_are_refused(byte format) => Assert.Throws<InvalidDataException>(
        () => Entry.Read([format, .. Entries.All["settled"].Body.AsSpan(1)]));

    [Fact]
    public void Every_kind_of_fact_has_a_golden_file() => Assert.Equal(
        Enum.GetValues<FactKind>().Order(), Entries.All.Values.Select(e => e.Fact.Kind).Distinct().Order());

    [Fact]
    public void Stored_numbers_stay_what_they_were()
    {
        var path = Path.Combine(Folder(1), "numbers.txt");
        var now = StoredNumbers.Now();
        var golden = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (Environment.GetEnvironmentVariable(Approve) == "1" && golden.All(now.Contains))
            File.WriteAllLines(path, now);
        Assert.All(golden, line => Assert.True(
            now.Contains(line), $"'{line}' is stored in ledgers and must stay. Give new meanings new numbers."));
        Assert.All(now, line => Assert.True(
            golden.Contains(line),
                $"'{line}' is new: run the tests once with {Approve}=1 and commit Golden/numbers.txt."));
    }

    static IReadOnlyDictionary<string, Entry> EntriesOf(int format) => format == 1 ? Entries.OfFormat1 : Entries.All;

    static string Folder(int format, [CallerFilePath] string here = "") => Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(here)!, "../Golden", format == 1 ? "" : $"format-{format}"));
}

/// <summary>Every enumeration whose numbers stand in canonical bytes.</summary>
static class StoredNumbers
{
    static readonly Type[] Types =
    [
        typeof(StreamKind), typeof(FactKind), typeof(RosterAspects), typeof(Plans.CareType), typeof(Plans.CarePlace),
            typeof(Plans.Filing),
        typeof(Plans.Channel), typeof(Plans.DrugClass), typeof(Plans.Insurance), typeof(Plans.IdentityKind),
            typeof(Plans.LayerNote),
        typeof(Plans.LeftOutReason), typeof(FundRecordKind),
    ];

    public static List<string> Now() =>
    [
        .. Types.SelectMany(type => Enum.GetValues(type).Cast<object>()
            .Select(value =>
                $"{type.Name}.{value} = {Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)}")),
    ];
}
