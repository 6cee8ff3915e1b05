using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// The canonical form of what plans paid: layers with their bands, plans left out, accumulator changes.
/// </summary>
static class OutcomeCodec
{
    /// <summary>The first format whose layers carry flags and what belongs to them.</summary>
    public const byte WithFlags = 2;

    // Stored bits; they may only grow.
    const byte Basic = 1;
    public const byte OtherStart = 2;

    public static void Write(CanonicalWriter w, AdjudicationOutcome outcome)
    {
        w.Number((ulong)outcome.Counted.Count);
        foreach (var plan in outcome.Counted)
        {
            w.Text(plan.PlanId);
            w.Signed(plan.Version);
        }
        w.Number((ulong)outcome.Layers.Count);
        foreach (var layer in outcome.Layers)
            WriteLayer(w, layer);
        w.Number((ulong)outcome.LeftOut.Count);
        foreach (var left in outcome.LeftOut)
        {
            w.Text(left.PlanId);
            w.Byte((byte)left.Reason);
        }
        w.Number((ulong)outcome.Changes.Count);
        foreach (var change in outcome.Changes)
            WriteChange(w, change);
        w.Text(outcome.BasicFundCode);
    }

    public static AdjudicationOutcome Read(ref CanonicalReader r)
    {
        var counted = new PlanCounted[r.Count()];
        for (var i = 0; i < counted.Length; i++)
            counted[i] = new PlanCounted(r.Text(), r.Int());
        var layers = new LayerResult[r.Count()];
        for (var i = 0; i < layers.Length; i++)
            layers[i] = ReadLayer(ref r);
        var leftOut = new PlanLeftOut[r.Count()];
        for (var i = 0; i < leftOut.Length; i++)
            leftOut[i] = new PlanLeftOut(r.Text(), (LeftOutReason)r.Byte());
        var changes = new AccumulatorChange[r.Count()];
        for (var i = 0; i < changes.Length; i++)
            changes[i] = ReadChange(ref r);
        return new AdjudicationOutcome(layers, leftOut, changes, r.Text()) { Counted = counted };
    }

    public static void WriteChange(CanonicalWriter w, AccumulatorChange change)
    {
        WriteKey(w, change.Key);
        WriteAccumulator(w, change.Change);
    }

    public static AccumulatorChange ReadChange(ref CanonicalReader r) => new(ReadKey(ref r), ReadAccumulator(ref r));

    public static void WriteKey(CanonicalWriter w, AccumulatorKey key)
    {
        w.Text(key.PlanId);
        w.Text(key.LayerId);
        WritePeriod(w, key.Period);
    }

    public static AccumulatorKey ReadKey(ref CanonicalReader r) => new(r.Text(), r.Text(), ReadPeriod(ref r));

    public static void WriteAccumulator(CanonicalWriter w, Accumulator accumulator)
    {
        w.Fen(accumulator.Position);
        w.Fen(accumulator.Paid);
        w.Fen(accumulator.BasicPaid);
        w.Signed(accumulator.Cases);
    }

    public static Accumulator ReadAccumulator(ref CanonicalReader r) => new(r.Fen(), r.Fen(), r.Fen(), r.Int());

    static void WriteLayer(CanonicalWriter w, LayerResult layer)
    {
        w.Text(layer.PlanId);
        w.Signed(layer.PlanVersion);
        w.Text(layer.LayerId);
        WritePeriod(w, layer.Period);
        w.Text(layer.Payer);
        w.Text(layer.FundCode);
        w.Byte((byte)layer.CarePlace);
        w.Fen(layer.Base);
        w.Fen(layer.PositionBefore);
        w.Fen(layer.PositionAfter);
        w.Number((ulong)layer.Bands.Count);
        foreach (var band in layer.Bands)
        {
            w.Fen(band.From);
            w.OptionalFen(band.To);
            w.Fen(band.Amount);
            w.Signed(band.Rate.BasisPoints);
            w.Fen(band.Paid);
        }
        w.Fen(layer.Paid);
        w.Fen(layer.PaidBefore);
        w.Fen(layer.Deductible);
        w.Fen(layer.DeductibleRemaining);
        w.OptionalFen(layer.CapRemaining);
        w.Byte((byte)layer.Note);
        w.Text(layer.Clause);
        if (w.Format < WithFlags)
            return;
        w.Byte((byte)((layer.IsBasic ? Basic : 0) | (layer.OtherStart is null ? 0 : OtherStart)));
        if (layer.OtherStart is { } start)
        {
            w.Fen(start.Before);
            w.Fen(start.After);
        }
    }

    static LayerResult ReadLayer(ref CanonicalReader r)
    {
        var planId = r.Text();
        var version = r.Int();
        var layerId = r.Text();
        var period = ReadPeriod(ref r);
        var payer = r.Text();
        var fund = r.Text();
        var place = (CarePlace)r.Byte();
        var (@base, before, after) = (r.Fen(), r.Fen(), r.Fen());
        var bands = new BandResult[r.Count()];
        for (var i = 0; i < bands.Length; i++)
            bands[i] = new BandResult(r.Fen(), r.OptionalFen(), r.Fen(), new Rate(r.Int()), r.Fen());
        var (paid, paidBefore, deductible, remaining) = (r.Fen(), r.Fen(), r.Fen(), r.Fen());
        var layer = new LayerResult(
            planId, version, layerId, period, payer, fund, place, @base, before, after, bands, paid, paidBefore,
            remaining,
            r.OptionalFen(), (LayerNote)r.Byte(), r.Text()) { Deductible = deductible };
        if (r.Format < WithFlags)
            return layer;
        var flags = r.Byte();
        if (flags > (Basic | OtherStart))
            throw CanonicalReader.Damaged();
        return layer with
        {
            IsBasic = (flags & Basic) != 0,
            OtherStart = (flags & OtherStart) == 0 ? null : new StartStanding(r.Fen(), r.Fen()),
        };
    }

    static void WritePeriod(CanonicalWriter w, Period period) => w.Number((ulong)(period.Year * 13 + period.Month));

    static Period ReadPeriod(ref CanonicalReader r)
    {
        var value = r.Number();
        return value < 13 * 3000 ? new Period((int)value / 13, (int)value % 13) : throw CanonicalReader.Damaged();
    }
}
