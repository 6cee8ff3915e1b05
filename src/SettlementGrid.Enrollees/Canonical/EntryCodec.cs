using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// One ledger entry as canonical bytes: format, stream, version, time, hash of the stream's entry before, the whole
/// state after it (persons), the fact. SHA-256 over these bytes is the entry's hash. Two formats are read, the newer
/// one is written: 1 knows neither discharge dates in the state nor the mark of a settlement out of order nor what
/// stands in a layer's flags (basic, start on another measure).
/// </summary>
static class EntryCodec
{
    public const byte Current = 2;

    /// <summary>The first format whose state holds the latest discharge dates.</summary>
    public const byte WithDischarges = 2;

    public const byte Oldest = 1;

    [ThreadStatic]
    static CanonicalWriter? writer;

    public static byte[] Encode(
        byte format, StreamKey stream, long version, long at, EntryHash previous, Account? after, Fact fact)
    {
        var w = writer ??= new CanonicalWriter();
        w.Reset(format);
        w.Byte(format);
        w.Byte((byte)fact.Kind);
        w.Byte((byte)stream.Kind);
        w.Text(stream.Id);
        w.Signed(version);
        w.Signed(at);
        w.Hash(previous);
        if (after is not null)
            WriteState(w, after);
        FactCodec.Write(w, fact);
        return w.Written.ToArray();
    }

    public static (StreamKey Stream, long Version, long At, EntryHash Previous, Account? After, Fact Fact) Decode(
        ReadOnlySpan<byte> body, EntryHash hash)
    {
        var r = Reader(body);
        var kind = (FactKind)r.Byte();
        var streamKind = (StreamKind)r.Byte();
        var stream = new StreamKey(streamKind, r.Text());
        var version = r.Signed();
        var at = r.Signed();
        var previous = r.Hash();
        var after = streamKind == StreamKind.Person ? ReadState(ref r, stream.Id, version, at, hash) : null;
        var fact = FactCodec.Read(ref r, kind, after?.Roster);
        if (fact is Fact.FundRecorded recorded && recorded.Request.StreamId != stream.Id)
            throw CanonicalReader.Damaged();
        return r.AtEnd ? (stream, version, at, previous, after, fact) : throw CanonicalReader.Damaged();
    }

    /// <summary>Only the state: what a cold load needs of a person's last row.</summary>
    public static Account DecodeAccount(ReadOnlySpan<byte> body, EntryHash hash, string? person)
    {
        var r = Reader(body);
        r.Byte();
        if (r.Byte() != (byte)StreamKind.Person)
            throw CanonicalReader.Damaged();
        var id = r.Text(person);
        var version = r.Signed();
        var at = r.Signed();
        r.Hash();
        return ReadState(ref r, id, version, at, hash);
    }

    static CanonicalReader Reader(ReadOnlySpan<byte> body)
    {
        var r = new CanonicalReader(body);
        r.Format = r.Byte();
        return r.Format is >= Oldest and <= Current ? r : throw CanonicalReader.Damaged();
    }

    public static void WriteState(CanonicalWriter w, Account account)
    {
        w.Byte(account.Roster is null ? (byte)0 : (byte)1);
        if (account.Roster is { } roster)
            WriteRoster(w, roster);
        w.Number((ulong)account.Accumulators.Count);
        foreach (ref readonly var item in account.Accumulators.Items)
        {
            OutcomeCodec.WriteKey(w, item.Key);
            OutcomeCodec.WriteAccumulator(w, item.Value);
        }
        if (w.Format < WithDischarges)
            return;
        w.Number((ulong)account.Discharges.Days.Length);
        foreach (var day in account.Discharges.Days)
            w.Day(day);
    }

    public static Account ReadState(ref CanonicalReader r, string id, long version, long at, EntryHash hash)
    {
        var roster = r.Flag() ? ReadRoster(ref r) : null;
        var items = new KeyValuePair<AccumulatorKey, Accumulator>[r.Count()];
        for (var i = 0; i < items.Length; i++)
            items[i] = new(OutcomeCodec.ReadKey(ref r), OutcomeCodec.ReadAccumulator(ref r));
        return new Account(id, version, hash, at, roster, AccumulatorSet.OfSorted(items))
        {
            Discharges = r.Format < WithDischarges ? LatestDischarges.None : ReadDischarges(ref r),
        };
    }

    static LatestDischarges ReadDischarges(ref CanonicalReader r)
    {
        var days = new DateOnly[r.Count()];
        for (var i = 0; i < days.Length; i++)
        {
            days[i] = r.Day();
            if (i > 0 && days[i].Year <= days[i - 1].Year)
                throw CanonicalReader.Damaged();
        }
        return LatestDischarges.OfSorted(days);
    }

    static void WriteRoster(CanonicalWriter w, RosterEntry roster)
    {
        w.Text(roster.RegionId);
        w.Byte((byte)roster.Insurance);
        w.Number((ulong)roster.Coverages.Count);
        foreach (var coverage in roster.Coverages)
        {
            w.Text(coverage.PlanId);
            WriteSpan(w, coverage.Days);
        }
        w.Number((ulong)roster.Identities.Count);
        foreach (var identity in roster.Identities)
        {
            w.Byte((byte)identity.Kind);
            WriteSpan(w, identity.Days);
        }
    }

    static RosterEntry ReadRoster(ref CanonicalReader r)
    {
        var region = r.Text();
        var insurance = (Insurance)r.Byte();
        var coverages = new Coverage[r.Count()];
        for (var i = 0; i < coverages.Length; i++)
            coverages[i] = new Coverage(r.Text(), ReadSpan(ref r));
        var identities = new Identity[r.Count()];
        for (var i = 0; i < identities.Length; i++)
            identities[i] = new Identity((IdentityKind)r.Byte(), ReadSpan(ref r));
        return SharedRosters.Of(new RosterEntry(region, insurance, coverages, identities));
    }

    static void WriteSpan(CanonicalWriter w, DaySpan span)
    {
        w.OptionalDay(span.From);
        w.OptionalDay(span.To);
    }

    static DaySpan ReadSpan(ref CanonicalReader r) => new(r.OptionalDay(), r.OptionalDay());
}
