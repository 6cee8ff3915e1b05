using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Plans;

namespace SettlementGrid.Regions.Folding;

/// <summary>
/// Reads what <see cref="CheckpointWriting"/> wrote; anything else is an <see cref="InvalidDataException"/>, before the
/// hash or by it. No count is believed before its items are there, so damage never asks for memory.
/// </summary>
sealed class CheckpointReading(Stream from) : IDisposable
{
    const int BufferBytes = 64 * 1024;

    // An id has 64 characters, a payer's name a line at the most.
    const int TextBytesMax = 64 * 1024;

    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly byte[] _buffer = new byte[BufferBytes];
    int _at;
    int _length;

    public FundFold Read(Func<string, Plan> readPlan)
    {
        Span<byte> magic = stackalloc byte[CheckpointWriting.Magic.Length];
        Bytes(magic);
        if (!magic.SequenceEqual(CheckpointWriting.Magic) || Number() != CheckpointWriting.Format)
            throw new InvalidDataException("This is no checkpoint of a fund fold that is known here.");
        var fold = new FundFold(readPlan) { Mark = Signed(), At = Signed() };
        var state = fold.State;
        foreach (var region in Texts())
            if (state.Regions.Of(region).Index != state.Regions.All.Count - 1)
                throw Damaged();
        Plans(state.Plans);
        foreach (var facility in Texts())
            state.Facilities.Of(facility);
        var layers = Texts();
        for (var i = 0; i + 2 < layers.Count; i += 3)
            state.Layers.Of(new FundLayer(layers[i], layers[i + 1], layers[i + 2]));
        Books(state);
        Shapes(state);
        Persons(state);
        CheckHash();
        return fold;
    }

    public void Dispose() => _hash.Dispose();

    void Plans(PlanNodes plans)
    {
        for (var count = Number(); count > 0; count--)
        {
            var plan = plans.Of(Text());
            var versions = Index(int.MaxValue);
            for (var version = 1; version <= versions; version++)
                if (Number() != 0)
                    plan.Publish(version, new PlanVersionRules(Text(), [.. Texts()], BasicFunds()));
        }
    }

    BasicFund[] BasicFunds()
    {
        var funds = new List<BasicFund>();
        for (var count = Number(); count > 0; count--)
            funds.Add(new BasicFund(Text(), (int)Signed()));
        return [.. funds];
    }

    void Books(FundState state)
    {
        for (var count = Number(); count > 0; count--)
        {
            var index = state.Books.All.Count;
            var region = state.Regions.All[Index(state.Regions.All.Count)];
            var book = state.Books.Of(region, state.Plans.All[Index(state.Plans.All.Count)], (int)Signed());
            // What lies above a region was met before it, so it is there already.
            if (book.Index != index)
                throw Damaged();
            book.ChangedAt = Signed();
            var sums = book.Sums;
            for (var kind = 0; kind < FundSums.RecordKinds; kind++)
                sums.Recorded[kind] = Sum();
            sums.PremiumPersons = Signed();
            sums.AddTotals(Sum(), Sum(), Sum(), Signed(), Signed(), Signed());
            for (var place = 0; place < FundSums.Places; place++)
                sums.ByPlace[place] = new FundCell { Touched = Number() != 0, Paid = Sum(), Cases = Signed() };
            Cells(sums.ByMonth);
            Cells(sums.ByFacility);
            Cells(sums.ByLayer);
        }
    }

    void Cells(Dictionary<int, FundCell> cells)
    {
        for (var count = Number(); count > 0; count--)
            cells[(int)Signed()] = new FundCell { Touched = true, Paid = Sum(), Cases = Signed() };
    }

    void Shapes(FundState state)
    {
        var covers = new List<ShapeCover>();
        for (var count = Number(); count > 0; count--)
        {
            var region = state.Regions.All[Index(state.Regions.All.Count)];
            var changedAt = Signed();
            covers.Clear();
            for (var some = Number(); some > 0; some--)
                covers.Add(new ShapeCover(Index(state.Plans.All.Count), (int)Signed(), (int)Signed()));
            state.Shapes.Of(region, covers.ToArray()).ChangedAt = changedAt;
        }
    }

    void Persons(FundState state)
    {
        Span<byte> key = stackalloc byte[16];
        for (var count = Number(); count > 0; count--)
        {
            Bytes(key);
            var number = state.Persons.Of(BinaryPrimitives.ReadUInt128BigEndian(key));
            if (number != state.Persons.Count - 1)
                throw Damaged();
            var shape = Index(state.Shapes.All.Count);
            state.Persons[number].Shape = shape;
            state.Shapes[shape].Persons++;
            while (Index(state.Books.All.Count + 1) is var book && book != 0)
                state.Cases.Restore(number, state.Books[book - 1], (int)Signed());
        }
    }

    List<string> Texts()
    {
        var texts = new List<string>();
        for (var count = Number(); count > 0; count--)
            texts.Add(Text());
        return texts;
    }

    string Text()
    {
        var utf8 = new byte[Index(TextBytesMax + 1)];
        Bytes(utf8);
        return Encoding.UTF8.GetString(utf8);
    }

    int Index(int below) => Number() is var value && value < (ulong)below ? (int)value : throw Damaged();

    long Signed()
    {
        var value = Number();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    Int128 Sum()
    {
        UInt128 value = 0;
        for (var shift = 0; shift < 128; shift += 7)
        {
            var next = Byte();
            value |= (UInt128)(next & 0x7fu) << shift;
            if (next < 0x80)
                return (Int128)(value >> 1) ^ -(Int128)(value & 1);
        }
        throw Damaged();
    }

    ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw Damaged();
    }

    byte Byte()
    {
        if (_at == _length)
            Refill();
        return _buffer[_at++];
    }

    void Bytes(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_at == _length)
                Refill();
            var part = _buffer.AsSpan(_at, Math.Min(bytes.Length, _length - _at));
            part.CopyTo(bytes);
            _at += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    void Refill()
    {
        _hash.AppendData(_buffer, 0, _length);
        _at = 0;
        _length = from.Read(_buffer);
        if (_length == 0)
            throw Damaged();
    }

    /// <summary>The buffer may hold the hash already, or a part of it.</summary>
    void CheckHash()
    {
        _hash.AppendData(_buffer, 0, _at);
        var expected = _hash.GetHashAndReset();
        Span<byte> stored = stackalloc byte[expected.Length];
        var held = Math.Min(stored.Length, _length - _at);
        _buffer.AsSpan(_at, held).CopyTo(stored);
        if (from.ReadAtLeast(stored[held..], stored.Length - held, throwOnEndOfStream: false) != stored.Length - held
            || !stored.SequenceEqual(expected) || _length - _at > held || from.ReadByte() >= 0)
            throw Damaged();
    }

    static InvalidDataException Damaged() => new("The checkpoint of the fund fold is damaged.");
}
