using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SettlementGrid.Regions.Folding;

/// <summary>
/// A fold as bytes: <see cref="Magic"/>, format, mark, names, plans, books, roster shapes, persons, and SHA-256 over
/// all of it. Numbers are varints. Equal folds give equal bytes. What can be counted again (persons of a shape or book)
/// is not stored but counted on reading.
/// </summary>
sealed class CheckpointWriting(Stream to) : IDisposable
{
    public const byte Format = 1;

    const int BufferBytes = 64 * 1024;

    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly byte[] _buffer = new byte[BufferBytes];
    int _length;

    public static ReadOnlySpan<byte> Magic => "SGFF"u8;

    public void Write(FundFold fold)
    {
        var state = fold.State;
        Bytes(Magic);
        Number(Format);
        Signed(fold.Mark);
        Signed(fold.At);
        Texts(state.Regions.All.Select(r => r.Id), state.Regions.All.Count);
        Plans(state.Plans);
        Texts(state.Facilities.All, state.Facilities.All.Count);
        Texts(state.Layers.All.SelectMany(l => new[] { l.LayerId, l.Payer, l.FundCode }), state.Layers.All.Count * 3);
        Books(state.Books);
        Shapes(state.Shapes);
        Persons(state);
        Flush();
        to.Write(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    void Plans(PlanNodes plans)
    {
        Number((ulong)plans.All.Count);
        foreach (var plan in plans.All)
        {
            Text(plan.Id);
            Number((ulong)plan.Versions.Count);
            foreach (var rules in plan.Versions)
            {
                Number(rules is null ? 0u : 1u);
                if (rules is null)
                    continue;
                Text(rules.Region);
                Texts(rules.BasicLayers, rules.BasicLayers.Length);
                Number((ulong)rules.BasicFunds.Length);
                foreach (var fund in rules.BasicFunds)
                {
                    Text(fund.Code);
                    Signed(fund.CareTypes);
                }
            }
        }
    }

    void Books(Books books)
    {
        Number((ulong)books.All.Count);
        foreach (var book in books.All)
        {
            Number((ulong)book.Region.Index);
            Number((ulong)book.Plan.Index);
            Signed(book.Year);
            Signed(book.ChangedAt);
            var sums = book.Sums;
            foreach (var recorded in sums.Recorded)
                Sum(recorded);
            Signed(sums.PremiumPersons);
            Sum(sums.Paid);
            Sum(sums.AccidentBasic);
            Sum(sums.Adjusted);
            Signed(sums.Cases);
            Signed(sums.Reversals);
            Signed(sums.Adjustments);
            foreach (var place in sums.ByPlace)
            {
                Number(place.Touched ? 1u : 0u);
                Cell(place);
            }
            Cells(sums.ByMonth);
            Cells(sums.ByFacility);
            Cells(sums.ByLayer);
        }
    }

    void Cells(Dictionary<int, FundCell> cells)
    {
        Number((ulong)cells.Count);
        foreach (var (key, cell) in cells.OrderBy(c => c.Key))
        {
            Signed(key);
            Cell(cell);
        }
    }

    void Cell(in FundCell cell)
    {
        Sum(cell.Paid);
        Signed(cell.Cases);
    }

    void Shapes(RosterShapes shapes)
    {
        // The first is that of nobody, which every fold begins with.
        Number((ulong)shapes.All.Count - 1);
        foreach (var shape in shapes.All.Skip(1))
        {
            Number((ulong)shape.Region!.Index);
            Signed(shape.ChangedAt);
            Number((ulong)shape.Covers.Length);
            foreach (var cover in shape.Covers)
            {
                Number((ulong)cover.Plan);
                Signed(cover.FirstYear);
                Signed(cover.LastYear);
            }
        }
    }

    void Persons(FundState state)
    {
        Span<byte> key = stackalloc byte[16];
        Number((ulong)state.Persons.Count);
        for (var number = 0; number < state.Persons.Count; number++)
        {
            ref var person = ref state.Persons[number];
            BinaryPrimitives.WriteUInt128BigEndian(key, person.Key);
            Bytes(key);
            Number((ulong)person.Shape);
            for (var link = person.First; link.Book != 0; link = link.Next == 0 ? default : state.Cases[link.Next])
            {
                Number((ulong)link.Book);
                Signed(link.Count);
            }
            Number(0);
        }
    }

    void Texts(IEnumerable<string> texts, int count)
    {
        Number((ulong)count);
        foreach (var text in texts)
            Text(text);
    }

    void Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Number((ulong)utf8.Length);
        Bytes(utf8);
    }

    void Signed(long value) => Number((ulong)(value << 1) ^ (ulong)(value >> 63));

    /// <summary>The same bytes as of an int64 wherever it is one.</summary>
    void Sum(Int128 value)
    {
        if (_buffer.Length - _length < 19)
            Flush();
        var left = (UInt128)(value << 1) ^ (UInt128)(value >> 127);
        while (left > ulong.MaxValue)
        {
            _buffer[_length++] = (byte)((byte)left | 0x80);
            left >>= 7;
        }
        Number((ulong)left);
    }

    void Number(ulong value)
    {
        if (_buffer.Length - _length < 10)
            Flush();
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _buffer[_length++] = (byte)value;
    }

    void Bytes(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_length == _buffer.Length)
                Flush();
            var part = bytes[..Math.Min(bytes.Length, _buffer.Length - _length)];
            part.CopyTo(_buffer.AsSpan(_length));
            _length += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    void Flush()
    {
        _hash.AppendData(_buffer, 0, _length);
        to.Write(_buffer, 0, _length);
        _length = 0;
    }
}
