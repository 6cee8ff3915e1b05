using SettlementGrid.Enrollees;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Folding;

namespace SettlementGrid.FoldLoad;

/// <summary>
/// Folds made-up entries of 通辽 from memory. Entries are made in portions and only the folding of them is timed, so that
/// the making of millions of entries neither counts nor has to fit into memory.
/// </summary>
sealed class FoldLoad(int persons, int facts, TimeProvider clock, Action<string> say)
{
    const int Portion = 50_000;
    const int BodyBytesMax = 1_024;
    const int Bills = 2_000;
    const int Years = 2;

    static readonly string[] Regions =
        ["150502", "150521", "150522", "150523", "150524", "150525", "150526", "150581", "150571"];

    static readonly DateTimeOffset Start = new(2025, 1, 2, 0, 0, 0, TimeSpan.Zero);

    readonly Random _dice = new(1);
    readonly FundFold _fold = new(Read);
    readonly FundStep _step = new();
    readonly List<(AdjudicationOutcome Outcome, Bill Bill)> _bills = [];
    Plan? _plan;

    public int Run()
    {
        var text = PlanText();
        _plan = Read(text);
        MakeBills(text);
        _fold.Apply(new Recorded(
            Entry.Next(new StreamKey(StreamKind.Plan, _plan.Id), null, new Fact.PlanPublished(text), At(0)), 1));

        var before = GC.GetTotalMemory(forceFullCollection: true);
        Timed("roster facts, first import", persons, i => Enrolled(i), lean: true);
        var rostered = GC.GetTotalMemory(forceFullCollection: true);
        Memory("on the roster", rostered - before);
        Timed("settlements and reversals, read in part", facts, Money, lean: true);
        var settled = GC.GetTotalMemory(forceFullCollection: true);
        Memory("with settlements", settled - before);
        Timed("settlements and reversals, from decoded entries", facts / 4, Money, lean: false);
        Timed("roster changes", persons / 4, i => Enrolled(_dice.Next(persons)), lean: true);
        ReadOnly();
        Checkpoints();
        Answers();
        return 0;
    }

    void Memory(string what, long bytes) =>
        say($"  {bytes / (double)persons:F1} bytes a person {what} ({bytes >> 20} MiB)");

    static Plan Read(string text) =>
        PlanFile.Read(text).Plan ?? throw new InvalidDataException("The plan does not read.");

    static string PlanText()
    {
        using var text = new StreamReader(typeof(FoldLoad).Assembly.GetManifestResourceStream("plan.yaml")!);
        return text.ReadToEnd();
    }

    long At(int fact) => Start.AddSeconds(fact % 28_000_000).ToUnixTimeMilliseconds();

    string PersonId(int person) => $"1505021990{person:00000000}";

    Entry Enrolled(int person)
    {
        var cover = new Coverage(_plan!.Id, new DaySpan(new DateOnly(2025 + _dice.Next(Years), 1, 1), null));
        var roster = new RosterEntry(Regions[_dice.Next(Regions.Length)], Insurance.Resident, [cover], []);
        return Entry.Next(Account.Unknown(PersonId(person)), new Fact.Enrolled(roster), At(person));
    }

    /// <summary>Mostly settlements; every tenth reverses the one before it.</summary>
    Entry Money(int number)
    {
        var (outcome, bill) = _bills[_dice.Next(_bills.Count)];
        var (person, region) = (PersonId(_dice.Next(persons)), Regions[_dice.Next(Regions.Length)]);
        var request = new SettleRequest(
            "R" + number, $"H15050200{_dice.Next(200):000}", "E" + number, person, Channel.OneStop, bill);
        var facility = FacilityProfile.Unregistered(request.FacilityId);
        Fact fact = number % 10 == 9
            ? new Fact.Reversed(
                request.Id, request, region, facility, outcome, 1,
                new ReverseRequest("V" + number, request.FacilityId, request.Id, ""))
            : new Fact.Settled(request.Id, request, region, facility, outcome, 1);
        var roster = new RosterEntry(
            region, Insurance.Resident, [new Coverage(_plan!.Id, new DaySpan(new DateOnly(2025, 1, 1), null))], []);
        return Entry.Next(Account.Unknown(person) with { Version = 1, Roster = roster }, fact, At(number));
    }

    void MakeBills(string text)
    {
        var catalog = new Catalog(1, [new PlanVersion(_plan!, 1, text)], []);
        var roster = new RosterEntry(Regions[0], Insurance.Resident, [new Coverage(_plan!.Id, default)], []);
        while (_bills.Count < Bills)
        {
            var day = new DateOnly(2025, 1, 1).AddDays(_dice.Next(365));
            var total = new Money(_dice.Next(1_000_00, 60_000_00));
            var care = _dice.Next(20) == 0 ? CareType.AccidentInpatient : CareType.Inpatient;
            var bill = new Bill(
                care, null, Filing.Filed, day, day, total, total, new Money(total.Fen / 3), null, default, default,
                default, null);
            var input = new AdjudicationInput(
                bill, roster, FacilityProfile.Unregistered("H15050200001"), AccumulatorSet.Empty);
            if (Adjudication.Settle(input, catalog).Outcome is { } outcome)
                _bills.Add((outcome, bill));
        }
    }

    void Timed(string what, int count, Func<int, Entry> make, bool lean)
    {
        var (bytes, elapsed, busy, quickest) = (0L, TimeSpan.Zero, TimeSpan.Zero, double.MaxValue);
        // One after another in memory, as they come from a connection; else the time would be that of fetching them.
        var bodies = new byte[Portion * BodyBytesMax];
        for (var done = 0; done < count;)
        {
            var portion = new List<Entry>(Portion);
            var ends = new List<int>(Portion);
            while (portion.Count < Portion && done < count)
            {
                var entry = make(done++);
                var end = ends.Count == 0 ? 0 : ends[^1];
                entry.Body.CopyTo(bodies, end);
                ends.Add(end + entry.Body.Length);
                portion.Add(entry);
            }
            bytes += ends[^1];
            var (begun, cpu, from) = (clock.GetTimestamp(), Environment.CpuUsage.TotalTime, 0);
            for (var i = 0; i < portion.Count; i++)
            {
                if (lean)
                    _fold.Apply(_fold.Mark + 1, bodies.AsSpan(from, ends[i] - from));
                else
                    _fold.Apply(new Recorded(portion[i], _fold.Mark + 1));
                from = ends[i];
            }
            var took = clock.GetElapsedTime(begun);
            elapsed += took;
            busy += Environment.CpuUsage.TotalTime - cpu;
            if (ends.Count == Portion)
                quickest = Math.Min(quickest, took.TotalNanoseconds / Portion);
        }
        // On a machine that others share the processor's time says more than the clock's; the quickest portion says
        // most.
        say($"{what}: {busy.TotalNanoseconds / count:F0} ns of processor each ({count / busy.TotalSeconds:N0}/s), "
            + $"by the clock {elapsed.TotalNanoseconds / count:F0} ns, in the quickest portion {quickest:F0} ns; "
            + $"{bytes / count} bytes each");
    }

    void ReadOnly()
    {
        var bodies = Enumerable.Range(0, Portion).Select(i => Money(i).Body).ToList();
        for (var round = 0; round < 3; round++)
        {
            var begun = Environment.CpuUsage.TotalTime;
            foreach (var body in bodies)
                _step.Read(body);
            var lean = Environment.CpuUsage.TotalTime - begun;
            foreach (var body in bodies)
                Entry.Read(body);
            if (round == 2)
                say($"reading alone: in part {lean.TotalNanoseconds / Portion:F0} ns of processor, whole with its hash "
                    + $"{(Environment.CpuUsage.TotalTime - begun - lean).TotalNanoseconds / Portion:F0} ns");
        }
    }

    void Checkpoints()
    {
        var begun = clock.GetTimestamp();
        var checkpoint = _fold.Checkpoint();
        var written = clock.GetElapsedTime(begun);
        begun = clock.GetTimestamp();
        var restored = FundFold.Restore(checkpoint, Read);
        say($"checkpoint: {checkpoint.Length >> 20} MiB, written in {written.TotalMilliseconds:F0} ms, read back in "
            + $"{clock.GetElapsedTime(begun).TotalMilliseconds:F0} ms, mark {restored.Mark}");
    }

    void Answers()
    {
        const int rounds = 200;
        var begun = clock.GetTimestamp();
        for (var i = 0; i < rounds; i++)
            _fold.Position("150500", _plan!.Id, 2025);
        var one = clock.GetElapsedTime(begun) / rounds;
        begun = clock.GetTimestamp();
        for (var i = 0; i < rounds; i++)
            _fold.Positions(new FundQuery("150000", "", 2025, Below: true));
        var all = clock.GetElapsedTime(begun) / rounds;
        begun = clock.GetTimestamp();
        for (var i = 0; i < rounds; i++)
            _fold.Positions(new FundQuery("150000", "", 2025, Below: true), _fold.Mark);
        say($"answers: one position {one.TotalMicroseconds:F0} µs, "
            + $"the province with all below {all.TotalMicroseconds:F0} µs, "
            + $"the same when nothing changed {(clock.GetElapsedTime(begun) / rounds).TotalMicroseconds:F0} µs");
    }
}
