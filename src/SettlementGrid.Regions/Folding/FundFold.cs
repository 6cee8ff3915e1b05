using System.Runtime.InteropServices;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Folding;

/// <summary>
/// The one fold of the ledger into funds (decision 14): takes every entry from the first on in its order, and at each
/// mark its sums are those of all entries up to it, to the fen. Pure: no clock, no store; the same entries give the
/// same fold whoever folds them and however often it was written away and read back in between. Not thread-safe. A fold
/// that has thrown anything but <see cref="ArgumentException"/> is half a step further and must be thrown away.
/// <list type="bullet">
/// <item>A fact stands in the region it names, in the policy year of its discharge, in the Beijing month of its own
/// time: a reversal is booked when it happened, so that a month once gone never changes.</item>
/// <item>A settlement is a case of a plan if a layer of it took part (also where it paid nothing) or its fund bears the
/// accident basic part; the reversal takes the case off again. Adjustments are no cases.</item>
/// <item>What computed basic layers paid is the basic pool's and stands in no fund.</item>
/// </list>
/// </summary>
/// <param name="readPlan">The reader of plan files; throws on a text it cannot read.</param>
public sealed class FundFold(Func<string, Plan> readPlan)
{
    readonly FundStep _step = new();
    readonly List<BookedLayer> _booked = [];

    internal FundState State { get; } = new();

    /// <summary>The position of the newest entry taken; 0: none.</summary>
    public long Mark { get; internal set; }

    /// <summary>Milliseconds since 1970 of that entry; 0: none.</summary>
    public long At { get; internal set; }

    /// <summary>Whether a version of the plan was published.</summary>
    public bool Knows(string planId) => State.Plans.Find(planId) is { IsPublished: true };

    /// <summary>The entry after the mark; any other: <see cref="ArgumentException"/>, and nothing is changed.</summary>
    public void Apply(Recorded recorded)
    {
        Require(recorded.Position);
        _step.Take(recorded.Entry);
        Take(recorded.Position, _step);
    }

    /// <summary>
    /// The entry after the mark from its canonical bytes: reads only what funds ask for. Damaged bytes:
    /// <see cref="InvalidDataException"/>.
    /// </summary>
    public void Apply(long position, ReadOnlySpan<byte> body)
    {
        Require(position);
        _step.Read(body);
        Take(position, _step);
    }

    /// <summary>The entry after the mark, read elsewhere (on another thread, say).</summary>
    public void Apply(long position, FundStep step)
    {
        Require(position);
        Take(position, step);
    }

    /// <summary>
    /// Every region, plan and policy year that has figures other than insured persons, with those above.
    /// </summary>
    public IEnumerable<(string RegionId, string PlanId, int Year)> Funds =>
        State.Books.All.Select(b => (b.Region.Id, b.Plan.Id, b.Year));

    /// <summary>The fund of a region with all under it; zeros where nothing is known.</summary>
    public FundPosition Position(string regionId, string planId, int year) =>
        new PositionReading(this).One(regionId, planId, year);

    /// <summary>
    /// Funds at the mark. A plan that is named always has the region's own; where none is, every plan that has figures
    /// there. Facilities are told only of one plan in one region.
    /// </summary>
    /// <param name="changedAfter">
    /// Only funds that a fact after this mark touched, here or in a region under them; −1: all that have figures.
    /// </param>
    public FundPositions Positions(FundQuery query, long changedAfter = -1) =>
        new PositionReading(this).Many(query, changedAfter);

    /// <summary>The whole fold as bytes, with their own hash; equal folds give equal bytes.</summary>
    public void WriteCheckpoint(Stream to)
    {
        using var writing = new CheckpointWriting(to);
        writing.Write(this);
    }

    public byte[] Checkpoint()
    {
        using var to = new MemoryStream();
        WriteCheckpoint(to);
        return to.ToArray();
    }

    /// <summary>
    /// The fold as it was written away: it folds on as if it had never been. Damaged or of another format:
    /// <see cref="InvalidDataException"/>; then fold from an older one, or from nothing.
    /// </summary>
    public static FundFold ReadCheckpoint(Stream from, Func<string, Plan> readPlan)
    {
        using var reading = new CheckpointReading(from);
        return reading.Read(readPlan);
    }

    public static FundFold Restore(ReadOnlySpan<byte> checkpoint, Func<string, Plan> readPlan)
    {
        using var from = new MemoryStream(checkpoint.ToArray(), writable: false);
        return ReadCheckpoint(from, readPlan);
    }

    void Require(long position)
    {
        if (position != Mark + 1)
            throw new ArgumentException($"After {Mark} comes {Mark + 1}, not {position}.", nameof(position));
    }

    void Take(long position, FundStep step)
    {
        switch (step.Kind)
        {
            case FactKind.Enrolled or FactKind.RosterChanged:
                TakeRoster(position, step);
                break;
            case FactKind.Settled or FactKind.Reversed or FactKind.Adjusted:
                TakeMoney(position, step);
                break;
            case FactKind.FundRecorded:
                var record = step.Record!;
                var book = State.Books.Of(
                    State.Regions.Of(record.RegionId), State.Plans.Of(record.PlanId), record.Year);
                book.Sums.Add(record);
                book.ChangedAt = position;
                break;
            case FactKind.PlanPublished:
                var rules = PlanVersionRules.Of(readPlan(step.PlanText));
                State.Plans.Of(step.PlanId).Publish(step.PlanVersion, rules);
                break;
        }
        (Mark, At) = (position, step.At);
    }

    void TakeRoster(long position, FundStep step)
    {
        var shape = State.Shapes.Of(State.Regions.Of(step.RegionId), step.Covers, State.Plans);
        ref var person = ref State.Persons[State.Persons.Of(step.Person)];
        if (person.Shape == shape.Number)
            return;
        var before = State.Shapes[person.Shape];
        before.Persons--;
        before.ChangedAt = position;
        shape.Persons++;
        shape.ChangedAt = position;
        person.Shape = shape.Number;
    }

    void TakeMoney(long position, FundStep step)
    {
        var layers = Booked(step);
        var (bearer, basic) = BasicPart(step, layers);
        for (var i = 0; i < layers.Length; i++)
        {
            var (plan, layer, place, _) = layers[i];
            if (layer.IsBasic || IsBookedBefore(layers, i))
                continue;
            Int128 paid = 0;
            foreach (ref readonly var one in layers[i..])
                if (one.Plan == plan && !one.Layer.IsBasic)
                    paid += one.Paid;
            var borne = bearer?.Plan == plan ? basic : 0;
            Book(position, step, plan, layers, new FundBooking(paid + borne, borne, place));
            if (bearer?.Plan == plan)
                bearer = null;
        }
        // The bearer without a layer for this care; an adjustment of nothing is none.
        if (bearer is var (alone, rules) && (step.Sign != 0 || basic != 0))
        {
            var place = step.FacilityRegion.Length == 0
                ? step.StatedPlace ?? CarePlace.InRegion
                : Region.PlaceOf(step.FacilityRegion, rules.Region);
            Book(position, step, alone, layers, new FundBooking(basic, basic, place));
        }
    }

    ReadOnlySpan<BookedLayer> Booked(FundStep step)
    {
        _booked.Clear();
        foreach (ref readonly var layer in step.Layers)
        {
            var plan = State.Plans.Of(layer.PlanId);
            _booked.Add(new BookedLayer(plan, plan.Layer(layer, State.Layers), layer.CarePlace, layer.Paid.Fen));
        }
        return CollectionsMarshal.AsSpan(_booked);
    }

    /// <summary>
    /// The bill's basic part, stated or computed by basic layers (which are negative on a reversal and a difference on
    /// an adjustment), and the plan whose fund bears it.
    /// </summary>
    ((PlanNode Plan, PlanVersionRules Rules)? Bearer, Int128 Basic) BasicPart(
        FundStep step, ReadOnlySpan<BookedLayer> layers)
    {
        if (step.BasicFundCode.Length == 0 && step.Kind != FactKind.Adjusted
            || State.Plans.BearerOfBasic(step) is not { } bearer)
            return (null, 0);
        var basic = step.Sign * (Int128)step.BasicPaid.Fen;
        foreach (ref readonly var layer in layers)
            if (layer.Layer.IsBasic)
                basic += layer.Paid;
        return (bearer, basic);
    }

    void Book(
        long position, FundStep step, PlanNode plan, ReadOnlySpan<BookedLayer> layers, in FundBooking booking)
    {
        var book = State.Books.Of(State.Regions.Of(step.RegionId), plan, step.Year);
        book.ChangedAt = position;
        book.Sums.Add(step, booking, State.Months.Of(step.At), State.Facilities.Of(step.FacilityId));
        foreach (ref readonly var layer in layers)
            if (layer.Plan == plan && !layer.Layer.IsBasic)
                book.Sums.AddLayer(layer.Layer.Number, layer.Paid, step.Sign);
        if (step.Sign != 0)
            State.Cases.Add(State.Persons.Of(step.Person), book, step.Sign);
    }

    /// <summary>
    /// Whether an earlier layer already booked the plan; layers of a plan stand together, but need not.
    /// </summary>
    static bool IsBookedBefore(ReadOnlySpan<BookedLayer> layers, int index)
    {
        for (var i = 0; i < index; i++)
            if (layers[i].Plan == layers[index].Plan && !layers[i].Layer.IsBasic)
                return true;
        return false;
    }

    /// <summary>A layer's result with its names looked up.</summary>
    readonly record struct BookedLayer(PlanNode Plan, PlanLayer Layer, CarePlace Place, long Paid);
}
