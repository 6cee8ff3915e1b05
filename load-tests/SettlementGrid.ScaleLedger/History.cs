using SettlementGrid.Enrollees;
using SettlementGrid.Plans;

namespace SettlementGrid.ScaleLedger;

/// <summary>
/// The city's facts, decided as the enrollees decide them: the same <see cref="Decide"/> on the same plans, each on the
/// state that the one before it left. Persons are divided between the workers, so discharges of one person are decided
/// one after another and those of different persons side by side; the facts come in the order of discharges.
/// </summary>
sealed class History(City city, Catalog catalog, int workers)
{
    // What the basic fund pays, in percent of the eligible cost; the mistake at the counter; and where a person's year
    // is used up, nothing, which no cap can refuse.
    const int BasicPercent = 55;
    const int MistakenPercent = 50;

    readonly Account[] _accounts = new Account[city.Persons];

    /// <summary>The roster's entries of some persons, in their order.</summary>
    public Entry[] Enrol(int first, int count)
    {
        var entries = new Entry[count];
        var now = City.Opens.ToUnixTimeMilliseconds();
        Parallel.For(0, count, Divided, i =>
        {
            var roster = City.RosterOf(first + i);
            var entry = Entry.Next(
                Account.Unknown(city.PersonId(first + i)), Decide.PutRoster(Account.Unknown(""), roster)!, now);
            (entries[i], _accounts[first + i]) = (entry, entry.After!);
        });
        return entries;
    }

    /// <summary>The facts of some discharges.</summary>
    public List<Entry> Discharge(int first, int count)
    {
        var facts = new Entry[count][];
        Parallel.For(0, workers, Divided, worker =>
        {
            for (var i = 0; i < count; i++)
                if (city.PersonOf(first + i) is var person && person % workers == worker)
                    facts[i] = Discharge(first + i, ref _accounts[person]);
        });
        var entries = new List<Entry>(count + count / 32);
        foreach (var some in facts)
            entries.AddRange(some);
        return entries;
    }

    ParallelOptions Divided => new() { MaxDegreeOfParallelism = workers };

    Entry[] Discharge(int discharge, ref Account account)
    {
        var now = city.At(discharge);
        if (!city.IsCorrected(discharge))
            return [Settle(discharge, ref account, "", BasicPercent, null, now)];
        var mistaken = Settle(discharge, ref account, "w", MistakenPercent, null, now);
        var settled = (Fact.Settled)mistaken.Fact;
        // Nothing of the person's year comes after it, so that its own entry is all that its reversal looks at.
        var original = new Recorded(mistaken, 0);
        var reversal = new ReverseRequest($"{City.Name}-{discharge}v", settled.Request.FacilityId, settled.Id, "");
        var reversed = Next(ref account, Decide.Reversal(reversal.Id, reversal, original, [original], catalog), now);
        var known = new Knowledge(account.Version, null, [new EncounterUse(1, settled.Id, reversal.Id)]);
        return [mistaken, reversed, Settle(discharge, ref account, "", BasicPercent, known, now)];
    }

    Entry Settle(int discharge, ref Account account, string suffix, int percent, Knowledge? known, long now)
    {
        var bill = city.Bill(discharge, account.EnrolleeId, suffix, percent);
        var decided = Decide.Settle(account, bill, null, catalog, known, null);
        // Above the year's cap of the basic fund.
        if (decided is Decision.Refused)
            decided = Decide.Settle(
                account, city.Bill(discharge, account.EnrolleeId, suffix, 0), null, catalog, known, null);
        return Next(ref account, decided, now);
    }

    static Entry Next(ref Account account, Decision decided, long now)
    {
        if (decided is not Decision.Facts { All: [var fact] })
            throw new InvalidOperationException($"A discharge of {account.EnrolleeId} was not one fact: {decided}");
        var entry = Entry.Next(account, fact, now);
        account = entry.After!;
        return entry;
    }
}
