using System.Runtime.CompilerServices;
using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// Reads from canonical bytes only what the folding of funds needs. The order of fields is the codecs'
/// (<see cref="EntryCodec"/>, <see cref="FactCodec"/>, <see cref="OutcomeCodec"/>); a test holds this reading to theirs
/// on random facts. It trusts what it skips: whether an entry is sound is the full reading's business.
/// </summary>
ref struct FundStepReading(ReadOnlySpan<byte> body, LeanTexts texts)
{
    readonly ReadOnlySpan<byte> _body = body;
    readonly LeanTexts _texts = texts;
    byte _format;
    int _at;

    public void Fill(FundStep step)
    {
        _texts.Forget();
        _format = Byte();
        if (_format is < EntryCodec.Oldest or > EntryCodec.Current)
            throw CanonicalReader.Damaged();
        step.Kind = (FactKind)Byte();
        var person = Byte() == (byte)StreamKind.Person;
        var stream = Text();
        var version = Signed();
        step.At = Signed();
        Skip(32);
        if (person)
            step.Person = PersonKey.Of(_texts.Utf8(_body, stream));
        switch (step.Kind)
        {
            case FactKind.Enrolled or FactKind.RosterChanged:
                ReadRoster(step);
                break;
            case FactKind.Settled or FactKind.Reversed or FactKind.Adjusted:
                SkipState();
                ReadMoney(step);
                break;
            case FactKind.PlanPublished:
                step.PlanId = Name(stream);
                step.PlanVersion = checked((int)version);
                step.PlanText = Name(Text());
                break;
            case FactKind.FundRecorded:
                step.Record = new FundRecordRequest(
                    Name(Text()), Name(Text()), Name(Text()), (int)Signed(), (FundRecordKind)Byte(), Fen(), Signed(),
                    Day());
                break;
        }
    }

    void ReadRoster(FundStep step)
    {
        if (Byte() == 0)
            throw CanonicalReader.Damaged();
        step.RegionId = Name(Text());
        Skip(1);
        for (var coverages = Number(); coverages > 0; coverages--)
            step.AddCover(Name(Text()), OptionalDay(), OptionalDay());
    }

    void SkipState()
    {
        if (Byte() != 0)
        {
            Text();
            Skip(1);
            for (var coverages = Number(); coverages > 0; coverages--)
            {
                Text();
                SkipNumbers(2);
            }
            for (var identities = Number(); identities > 0; identities--)
            {
                Skip(1);
                SkipNumbers(2);
            }
        }
        SkipAccumulators();
        if (_format >= EntryCodec.WithDischarges)
            SkipNumbers(Number());
    }

    /// <summary>Each is a plan, a layer, a period and four figures.</summary>
    void SkipAccumulators()
    {
        for (var accumulators = Number(); accumulators > 0; accumulators--)
        {
            Text();
            Text();
            SkipNumbers(5);
        }
    }

    void ReadMoney(FundStep step)
    {
        Skip(16);
        Text();
        step.FacilityId = Name(Text());
        Text();
        Text();
        Skip(1);
        step.CareType = (CareType)Byte();
        step.StatedPlace = Byte() is var place && place == 0 ? null : (CarePlace)place;
        Skip(1);
        SkipNumbers(1);
        step.Year = Day().Year;
        SkipNumbers(2);
        step.BasicPaid = Fen();
        SkipOptional();
        SkipNumbers(3);
        Skip(1);
        step.RegionId = Name(Text());
        step.FacilityRegion = Name(Text());
        Skip(2);
        for (var counted = Number(); counted > 0; counted--)
            step.Add(new PlanCounted(Name(Text()), (int)Signed()));
        for (var layers = Number(); layers > 0; layers--)
            ReadLayer(step);
        for (var leftOut = Number(); leftOut > 0; leftOut--)
        {
            Text();
            Skip(1);
        }
        SkipAccumulators();
        step.BasicFundCode = Name(Text());
    }

    void ReadLayer(FundStep step)
    {
        var (plan, version, layer) = (Text(), (int)Signed(), Text());
        SkipNumbers(1);
        var (payer, fund, place) = (Text(), Text(), (CarePlace)Byte());
        SkipNumbers(3);
        for (var bands = Number(); bands > 0; bands--)
        {
            SkipNumbers(1);
            SkipOptional();
            SkipNumbers(3);
        }
        step.Add(new FundStepLayer(Name(plan), version, Name(layer), Name(payer), Name(fund), place, Fen()));
        SkipNumbers(3);
        SkipOptional();
        Skip(1);
        Text();
        if (_format >= OutcomeCodec.WithFlags && (Byte() & OutcomeCodec.OtherStart) != 0)
            SkipNumbers(2);
    }

    string Name(int text) => _texts.Text(_body, text);

    byte Byte() => _at < _body.Length ? _body[_at++] : throw CanonicalReader.Damaged();

    void Skip(int bytes)
    {
        if (_body.Length - _at < bytes)
            throw CanonicalReader.Damaged();
        _at += bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ulong Number()
    {
        ulong value = Byte();
        return value < 0x80 ? value : LongNumber(value & 0x7f);
    }

    ulong LongNumber(ulong value)
    {
        for (var shift = 7; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw CanonicalReader.Damaged();
    }

    void SkipNumbers(ulong count)
    {
        for (; count > 0; count--)
            while (Byte() >= 0x80)
            {
            }
    }

    /// <summary>An amount that may be left out.</summary>
    void SkipOptional()
    {
        if (Byte() != 0)
            SkipNumbers(1);
    }

    long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    Money Fen() => new(Signed());

    DateOnly Day() =>
        Number() is var value && value <= (ulong)DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)value)
            : throw CanonicalReader.Damaged();

    DateOnly? OptionalDay() => Number() switch
    {
        0 => null,
        var value when value - 1 <= (ulong)DateOnly.MaxValue.DayNumber => DateOnly.FromDayNumber((int)value - 1),
        _ => throw CanonicalReader.Damaged(),
    };

    int Text()
    {
        var head = Number();
        if ((head & 1) == 1)
            return head >> 1 < (ulong)_texts.Count ? (int)(head >> 1) : throw CanonicalReader.Damaged();
        var length = head >> 1;
        if (length > (ulong)(_body.Length - _at))
            throw CanonicalReader.Damaged();
        var text = _texts.Add(_at, (int)length);
        _at += (int)length;
        return text;
    }
}
