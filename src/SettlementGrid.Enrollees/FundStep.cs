using System.Runtime.InteropServices;
using SettlementGrid.Enrollees.Canonical;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees;

/// <summary>
/// What the folding of funds needs of one entry, and nothing else. One instance is filled again and again, either from
/// an entry or (<see cref="Read"/>) straight from canonical bytes, past everything that funds do not ask for; both give
/// the same. Only the properties that belong to <see cref="Kind"/> say anything. Not thread-safe; what it shows is
/// valid until it is filled again.
/// </summary>
public sealed class FundStep
{
    readonly List<PlanCounted> _counted = [];
    readonly List<FundStepLayer> _layers = [];
    readonly List<FundStepCover> _covers = [];
    readonly LeanTexts _texts = new();

    public FactKind Kind { get; internal set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long At { get; internal set; }

    /// <summary>Of a person's entry.</summary>
    public UInt128 Person { get; internal set; }

    /// <summary>Of money: the books it stands in. Of a roster's fact: where the person now belongs.</summary>
    public string RegionId { get; internal set; } = "";

    /// <summary>The policy year of a fact with money.</summary>
    public int Year { get; internal set; }

    public string FacilityId { get; internal set; } = "";

    public string FacilityRegion { get; internal set; } = "";

    public CarePlace? StatedPlace { get; internal set; }

    public CareType CareType { get; internal set; }

    /// <summary>The bill's; on a reversal the original's, not negated.</summary>
    public Money BasicPaid { get; internal set; }

    public string BasicFundCode { get; internal set; } = "";

    public ReadOnlySpan<PlanCounted> Counted => CollectionsMarshal.AsSpan(_counted);

    public ReadOnlySpan<FundStepLayer> Layers => CollectionsMarshal.AsSpan(_layers);

    /// <summary>The person's whole cover after a roster's fact, entry by entry.</summary>
    public ReadOnlySpan<FundStepCover> Covers => CollectionsMarshal.AsSpan(_covers);

    public FundRecordRequest? Record { get; internal set; }

    /// <summary>Of a published plan.</summary>
    public string PlanId { get; internal set; } = "";

    public int PlanVersion { get; internal set; }

    public string PlanText { get; internal set; } = "";

    /// <summary>+1 for a settlement, −1 for a reversal, 0 for an adjustment.</summary>
    public int Sign => Kind switch { FactKind.Settled => 1, FactKind.Reversed => -1, _ => 0 };

    /// <summary>Damaged bytes: <see cref="InvalidDataException"/>.</summary>
    public void Read(ReadOnlySpan<byte> body)
    {
        Clear();
        new FundStepReading(body, _texts).Fill(this);
    }

    public void Take(Entry entry)
    {
        Clear();
        Kind = entry.Fact.Kind;
        At = entry.At;
        if (entry.Stream.Kind == StreamKind.Person)
            Person = PersonKey.Of(entry.Stream.Id);
        switch (entry.Fact)
        {
            case Fact.Enrolled enrolled:
                Take(enrolled.Entry);
                break;
            case Fact.RosterChanged changed:
                Take(changed.Entry);
                break;
            case Fact.Money money:
                Take(money);
                break;
            case Fact.FundRecorded recorded:
                Record = recorded.Request;
                break;
            case Fact.PlanPublished published:
                (PlanId, PlanVersion, PlanText) = (entry.Stream.Id, checked((int)entry.Version), published.Text);
                break;
        }
    }

    internal void Add(PlanCounted plan) => _counted.Add(plan);

    internal void Add(in FundStepLayer layer) => _layers.Add(layer);

    /// <summary>A cover whose end lies before its beginning holds on no day.</summary>
    internal void AddCover(string planId, DateOnly? from, DateOnly? to)
    {
        if (from is not { } first || to is not { } last || first <= last)
            _covers.Add(new FundStepCover(
                planId, from?.Year ?? DateOnly.MinValue.Year, to?.Year ?? DateOnly.MaxValue.Year));
    }

    void Take(RosterEntry roster)
    {
        RegionId = roster.RegionId;
        foreach (var coverage in roster.Coverages)
            AddCover(coverage.PlanId, coverage.Days.From, coverage.Days.To);
    }

    void Take(Fact.Money money)
    {
        var bill = money.Request.Bill;
        RegionId = money.RegionId;
        Year = money.Request.Year;
        FacilityId = money.Request.FacilityId;
        FacilityRegion = money.Facility.RegionId;
        StatedPlace = bill.StatedPlace;
        CareType = bill.CareType;
        BasicPaid = bill.BasicPaid;
        BasicFundCode = money.Outcome.BasicFundCode;
        _counted.AddRange(money.Outcome.Counted);
        foreach (var l in money.Outcome.Layers)
            _layers.Add(new FundStepLayer(
                l.PlanId, l.PlanVersion, l.LayerId, l.Payer, l.FundCode, l.CarePlace, l.Paid));
    }

    void Clear()
    {
        _counted.Clear();
        _layers.Clear();
        _covers.Clear();
        Record = null;
        PlanText = "";
    }
}

public readonly record struct FundStepLayer(
    string PlanId, int PlanVersion, string LayerId, string Payer, string FundCode, CarePlace CarePlace, Money Paid);

/// <summary>Years in which a cover holds on at least one day; an open end goes on for good.</summary>
public readonly record struct FundStepCover(string PlanId, int FirstYear, int LastYear);
