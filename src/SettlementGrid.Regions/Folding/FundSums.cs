using System.Runtime.InteropServices;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Folding;

/// <summary>Paid and cases of one breakdown's row; in fen.</summary>
struct FundCell
{
    public Int128 Paid;
    public long Cases;

    /// <summary>Whether anything was ever booked here: what came to nothing is still told.</summary>
    public bool Touched;

    public void Add(Int128 paid, long cases)
    {
        Touched = true;
        Paid += paid;
        Cases += cases;
    }
}

/// <summary>
/// The sums of one fund, or of several added up. Keys of breakdowns are numbers (months as year × 12 + month − 1,
/// facilities and layers as the fold numbered them). Money is summed in 128 bits: a million bills of the largest amount
/// leave an int64, and a sum that threw would stop the funds of every region for good at that fact. So many facts as
/// would leave these no ledger holds.
/// </summary>
sealed class FundSums
{
    public const int RecordKinds = (int)FundRecordKind.Return + 1;
    public const int Places = (int)CarePlace.OutOfProvince + 1;

    /// <summary>By <see cref="FundRecordKind"/>, in fen.</summary>
    public Int128[] Recorded { get; } = new Int128[RecordKinds];

    public long PremiumPersons { get; set; }

    public Int128 Paid { get; private set; }

    public Int128 AccidentBasic { get; private set; }

    public Int128 Adjusted { get; private set; }

    public long Cases { get; private set; }

    public long Reversals { get; private set; }

    public long Adjustments { get; private set; }

    public FundCell[] ByPlace { get; } = new FundCell[Places];

    public Dictionary<int, FundCell> ByMonth { get; } = [];

    public Dictionary<int, FundCell> ByFacility { get; } = [];

    public Dictionary<int, FundCell> ByLayer { get; } = [];

    /// <summary>One fact's part in this fund; layers are added one by one.</summary>
    public void Add(FundStep step, in FundBooking booking, int month, int facility)
    {
        Paid += booking.Paid;
        AccidentBasic += booking.AccidentBasic;
        Cases += step.Sign;
        if (step.Kind == FactKind.Reversed)
            Reversals++;
        if (step.Kind == FactKind.Adjusted)
        {
            Adjustments++;
            Adjusted += booking.Paid;
        }
        ByPlace[(int)booking.Place].Add(booking.Paid, step.Sign);
        Cell(ByMonth, month).Add(booking.Paid, step.Sign);
        Cell(ByFacility, facility).Add(booking.Paid, step.Sign);
    }

    public void AddLayer(int layer, long paid, int cases) => Cell(ByLayer, layer).Add(paid, cases);

    public void Add(FundRecordRequest record)
    {
        Recorded[(int)record.Kind] += record.Amount.Fen;
        if (record is { Kind: FundRecordKind.Premium, Persons: > 0 })
            PremiumPersons = record.Persons;
    }

    public void Add(FundSums other, bool facilities)
    {
        for (var kind = 0; kind < RecordKinds; kind++)
            Recorded[kind] += other.Recorded[kind];
        PremiumPersons += other.PremiumPersons;
        AddTotals(other.Paid, other.AccidentBasic, other.Adjusted, other.Cases, other.Reversals, other.Adjustments);
        for (var place = 0; place < Places; place++)
            if (other.ByPlace[place].Touched)
                ByPlace[place].Add(other.ByPlace[place].Paid, other.ByPlace[place].Cases);
        Add(ByMonth, other.ByMonth);
        Add(ByLayer, other.ByLayer);
        if (facilities)
            Add(ByFacility, other.ByFacility);
    }

    public void AddTotals(
        Int128 paid, Int128 accidentBasic, Int128 adjusted, long cases, long reversals, long adjustments)
    {
        Paid += paid;
        AccidentBasic += accidentBasic;
        Adjusted += adjusted;
        Cases += cases;
        Reversals += reversals;
        Adjustments += adjustments;
    }

    /// <summary>Whether nothing was ever booked here.</summary>
    public bool IsEmpty => ByMonth.Count == 0 && Array.TrueForAll(Recorded, sum => sum == 0);

    static void Add(Dictionary<int, FundCell> to, Dictionary<int, FundCell> from)
    {
        foreach (var (key, cell) in from)
            Cell(to, key).Add(cell.Paid, cell.Cases);
    }

    static ref FundCell Cell(Dictionary<int, FundCell> cells, int key) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(cells, key, out _);
}

/// <summary>What one fact books on one plan's fund, in fen; on a reversal negative.</summary>
/// <param name="Paid">The accident basic part with it.</param>
readonly record struct FundBooking(Int128 Paid, Int128 AccidentBasic, CarePlace Place);
