using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// One ledger entry as canonical bytes: format, stream, version, time, hash of the stream's entry before, the whole
/// state after it (persons), the fact. SHA-256 over these bytes is the entry's hash.
/// </summary>
static class EntryCodec
{
    public const byte Format = 1;

    [ThreadStatic]
    static CanonicalWriter? writer;

    public static byte[] Encode(StreamKey stream, long version, long at, EntryHash previous, Account? after, Fact fact)
    {
        var w = writer ??= new CanonicalWriter();
        w.Reset();
        w.Byte(Format);
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
        var r = new CanonicalReader(body);
        if (r.Byte() != Format)
            throw CanonicalReader.Damaged();
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
    public static Account DecodeAccount(ReadOnlySpan<byte> body, EntryHash hash)
    {
        var r = new CanonicalReader(body);
        if (r.Byte() != Format)
            throw CanonicalReader.Damaged();
        r.Byte();
        if (r.Byte() != (byte)StreamKind.Person)
            throw CanonicalReader.Damaged();
        var id = r.Text();
        var version = r.Signed();
        var at = r.Signed();
        r.Hash();
        return ReadState(ref r, id, version, at, hash);
    }

    static void WriteState(CanonicalWriter w, Account account)
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
    }

    static Account ReadState(ref CanonicalReader r, string id, long version, long at, EntryHash hash)
    {
        var roster = r.Flag() ? ReadRoster(ref r) : null;
        var items = new KeyValuePair<AccumulatorKey, Accumulator>[r.Count()];
        for (var i = 0; i < items.Length; i++)
            items[i] = new(OutcomeCodec.ReadKey(ref r), OutcomeCodec.ReadAccumulator(ref r));
        return new Account(id, version, hash, at, roster, AccumulatorSet.OfSorted(items));
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
        return new RosterEntry(region, insurance, coverages, identities);
    }

    static void WriteSpan(CanonicalWriter w, DaySpan span)
    {
        w.OptionalDay(span.From);
        w.OptionalDay(span.To);
    }

    static DaySpan ReadSpan(ref CanonicalReader r) => new(r.OptionalDay(), r.OptionalDay());
}
