using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Load;

/// <summary>What one step asks.</summary>
public enum StepKind { Settle, Repeat, PreviewThenSettle, Reverse }

/// <summary>
/// Which bills there are and whom they concern, all from the seed. Persons are drawn by Zipf's law with exponent 0.5
/// (the chronically ill are discharged more often), flattened at the top so that at the expected rate nobody is asked
/// for more than 50 times a second: no person is discharged that often, and a hot one would measure a queue of one.
/// </summary>
/// <param name="numbers">Of the town's bills; several runs on one town go on where the last one ended.</param>
public sealed class Workload(Town town, LoadSettings settings, BillNumbers numbers)
{
    const double PerPersonMax = 50;

    /// <summary>Larger than any town and prime: multiples of it meet every person once before anyone twice.</summary>
    const long Stride = 2_147_483_647;

    readonly int _flat = Flat(town.Persons, settings.ExpectedRate);
    readonly int _before = numbers.Last;

    public Town Town => town;

    /// <summary>The number of a bill that was not drawn before. Thread-safe.</summary>
    public int NextNumber() => numbers.Next();

    /// <summary>Whether everybody was asked for, where nobody is to be asked for twice.</summary>
    public bool IsExhausted => settings.Accounts == AccountsAre.Cold && numbers.Last - _before >= town.Persons;

    public SettleRequest Bill(int number) => town.Bill(number, PersonOf(number));

    public int PersonOf(int number)
    {
        if (settings.Accounts == AccountsAre.Cold)
            return (int)((number - _before) * Stride % town.Persons);
        // Not System.Random: a person follows from the number alone, and cheaply.
        var mixed = unchecked((ulong)(number + settings.Seed * 7_919L + 1) * 0x9E37_79B9_7F4A_7C15UL);
        mixed = unchecked((mixed ^ mixed >> 32) * 0xD6E8_FEB8_6659_FD93UL);
        var share = (mixed >> 11) * (1.0 / (1UL << 53));
        var person = (int)(town.Persons * share * share);
        return person < _flat ? (int)(mixed % (ulong)_flat) : Math.Min(person, town.Persons - 1);
    }

    /// <summary>What the next step is.</summary>
    public StepKind Draw(Random draw)
    {
        var one = draw.Next(100);
        return one < settings.DuplicatePercent ? StepKind.Repeat
            : one < settings.DuplicatePercent + settings.PreviewPercent ? StepKind.PreviewThenSettle
            : one < settings.DuplicatePercent + settings.PreviewPercent + settings.ReversalPercent ? StepKind.Reverse
            : StepKind.Settle;
    }

    /// <summary>
    /// Whether a bill may be reversed: of a person with few, since a reversal rates what came later again.
    /// </summary>
    public bool MayReverse(int number) => PersonOf(number) >= town.Persons / 4;

    public ReverseRequest Reversal(int number)
    {
        var bill = Bill(number);
        return new ReverseRequest
        {
            RequestId = ReversalId(number),
            FacilityId = bill.FacilityId,
            SettlementId = Enrollees.SettlementId.Of(bill.FacilityId, bill.RequestId).ToString(),
            Reason = "load test",
        };
    }

    public string ReversalId(int number) => $"{town.Name}-X{number}";

    // Rank k of n is drawn with sqrt(k / n); the first m share sqrt(m / n), which must be at most m × the bound.
    static int Flat(int persons, double rate)
    {
        var most = PerPersonMax / Math.Max(rate, 1);
        return Math.Clamp((int)Math.Ceiling(1 / (persons * most * most)), 1, persons);
    }
}

/// <summary>Numbers of a town's bills, each given once. Thread-safe.</summary>
public sealed class BillNumbers
{
    int _last;

    /// <summary>The newest; 0: none was given.</summary>
    public int Last => Volatile.Read(ref _last);

    public int Next() => Interlocked.Increment(ref _last);
}
