using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// The canonical form of every fact, in the format of the entry. Golden files hold the bytes: a change here that alters
/// them needs a new format number, and the old ones stay readable for good. A new kind of fact alters none.
/// </summary>
static class FactCodec
{
    public static void Write(CanonicalWriter w, Fact fact)
    {
        switch (fact)
        {
            case Fact.Enrolled:
                break;
            case Fact.RosterChanged changed:
                w.Byte((byte)changed.Aspects);
                break;
            case Fact.OpeningBalanceSet opening:
                OutcomeCodec.WriteChange(w, opening.Change);
                w.Text(opening.Source);
                break;
            case Fact.Money money:
                WriteMoney(w, money);
                break;
            case Fact.Barred barred:
                w.Text(barred.FacilityId);
                w.Text(barred.RequestId);
                break;
            case Fact.PlanPublished published:
                w.Text(published.Text);
                break;
            case Fact.FacilityPut put:
                w.Text(put.Profile.FacilityId);
                w.Text(put.Profile.Name);
                WriteFacility(w, put.Profile);
                break;
            case Fact.FundRecorded recorded:
                WriteFundRecord(w, recorded.Request);
                break;
            default:
                throw new InvalidOperationException($"No canonical form for {fact.GetType().Name}.");
        }
    }

    /// <param name="roster">The roster after the fact: its content stands in the state alone, not twice.</param>
    public static Fact Read(ref CanonicalReader r, FactKind kind, RosterEntry? roster)
    {
        switch (kind)
        {
            case FactKind.Enrolled:
                return new Fact.Enrolled(roster ?? throw CanonicalReader.Damaged());
            case FactKind.RosterChanged:
                return new Fact.RosterChanged(roster ?? throw CanonicalReader.Damaged(), (RosterAspects)r.Byte());
            case FactKind.OpeningBalanceSet:
                return new Fact.OpeningBalanceSet(OutcomeCodec.ReadChange(ref r), r.Text());
            case FactKind.Settled or FactKind.Reversed or FactKind.Adjusted:
                return ReadMoney(ref r, kind);
            case FactKind.Barred:
                return new Fact.Barred(r.Text(), r.Text());
            case FactKind.PlanPublished:
                return new Fact.PlanPublished(r.Text());
            case FactKind.FacilityPut:
                var id = r.Text();
                var name = r.Text();
                return new Fact.FacilityPut(ReadFacility(ref r, id) with { Name = name });
            case FactKind.FundRecorded:
                return new Fact.FundRecorded(ReadFundRecord(ref r));
            default:
                throw CanonicalReader.Damaged();
        }
    }

    static void WriteMoney(CanonicalWriter w, Fact.Money money)
    {
        w.Key(money.Id.Bits);
        WriteRequest(w, money.Request);
        w.Text(money.RegionId);
        WriteFacility(w, money.Facility);
        OutcomeCodec.Write(w, money.Outcome);
        switch (money)
        {
            case Fact.Settled settled:
                w.Signed(settled.Attempt);
                if (w.Format >= EntryCodec.WithDischarges)
                    w.OptionalDay(settled.LaterDischarge);
                break;
            case Fact.Reversed reversed:
                w.Signed(reversed.Attempt);
                w.Text(reversed.Reversal.RequestId);
                w.Text(reversed.Reversal.FacilityId);
                w.Key(reversed.Reversal.Reverses.Bits);
                w.Text(reversed.Reversal.Reason);
                break;
            case Fact.Adjusted adjusted:
                w.Key(adjusted.Adjusts.Bits);
                w.Key(adjusted.CausedBy.Bits);
                break;
        }
    }

    static Fact ReadMoney(ref CanonicalReader r, FactKind kind)
    {
        var id = new SettlementId(r.Key());
        var request = ReadRequest(ref r);
        var region = r.Text();
        var facility = ReadFacility(ref r, request.FacilityId);
        var outcome = OutcomeCodec.Read(ref r);
        return kind switch
        {
            FactKind.Settled => new Fact.Settled(id, request, region, facility, outcome, r.Int())
            {
                LaterDischarge = r.Format < EntryCodec.WithDischarges ? null : r.OptionalDay(),
            },
            FactKind.Reversed => new Fact.Reversed(id, request, region, facility, outcome, r.Int(),
                new ReverseRequest(r.Text(), r.Text(), new SettlementId(r.Key()), r.Text())),
            _ => new Fact.Adjusted(
                id, request, region, facility, outcome, new SettlementId(r.Key()), new SettlementId(r.Key())),
        };
    }

    public static void WriteRequest(CanonicalWriter w, SettleRequest request)
    {
        w.Text(request.RequestId);
        w.Text(request.FacilityId);
        w.Text(request.EncounterId);
        w.Text(request.EnrolleeId);
        w.Byte((byte)request.Channel);
        var bill = request.Bill;
        w.Byte((byte)bill.CareType);
        w.Byte((byte)(bill.StatedPlace ?? 0));
        w.Byte((byte)bill.Filing);
        w.Day(bill.AdmittedOn);
        w.Day(bill.DischargedOn);
        w.Fen(bill.Total);
        w.Fen(bill.Eligible);
        w.Fen(bill.BasicPaid);
        w.OptionalFen(bill.OverCapEligible);
        w.Fen(bill.PriorPlansPaid);
        w.Fen(bill.AssistancePaid);
        w.Fen(bill.Unreasonable);
        w.Byte((byte)(bill.DrugClass ?? 0));
    }

    public static SettleRequest ReadRequest(ref CanonicalReader r)
    {
        var requestId = r.Text();
        var facilityId = r.Text();
        var encounterId = r.Text();
        var enrolleeId = r.Text();
        var channel = (Channel)r.Byte();
        var careType = (CareType)r.Byte();
        var place = r.Byte();
        var filing = (Filing)r.Byte();
        var bill = new Bill(
            careType, place == 0 ? null : (CarePlace)place, filing, r.Day(), r.Day(), r.Fen(), r.Fen(), r.Fen(),
            r.OptionalFen(),
            r.Fen(), r.Fen(), r.Fen(), r.Byte() is var drug && drug == 0 ? null : (DrugClass)drug);
        return new SettleRequest(requestId, facilityId, encounterId, enrolleeId, channel, bill);
    }

    static void WriteFacility(CanonicalWriter w, FacilityProfile facility)
    {
        w.Text(facility.RegionId);
        w.Byte((byte)facility.Level);
        w.Byte((byte)((facility.Public ? 1 : 0) | (facility.Drg ? 2 : 0) | (facility.SpecialDisease ? 4 : 0)
            | (facility.Registered ? 8 : 0)));
    }

    static FacilityProfile ReadFacility(ref CanonicalReader r, string facilityId)
    {
        var region = r.Text();
        var level = r.Byte();
        var flags = r.Byte();
        if (flags > 15)
            throw CanonicalReader.Damaged();
        return new FacilityProfile(
            facilityId, "", region, level, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0);
    }

    static void WriteFundRecord(CanonicalWriter w, FundRecordRequest request)
    {
        w.Text(request.RequestId);
        w.Text(request.RegionId);
        w.Text(request.PlanId);
        w.Signed(request.Year);
        w.Byte((byte)request.Kind);
        w.Fen(request.Amount);
        w.Signed(request.Persons);
        w.Day(request.ReceivedOn);
    }

    static FundRecordRequest ReadFundRecord(ref CanonicalReader r) => new(
        r.Text(), r.Text(), r.Text(), r.Int(), (FundRecordKind)r.Byte(), r.Fen(), r.Signed(), r.Day());
}
