using System.Globalization;
using System.Text;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Load;

/// <summary>
/// Reads from a Settlement only what a receipt holds, by field number: the generator must not spend on sentences that
/// nobody reads.
/// </summary>
static class AnswerReading
{
    public static SettlementAnswer Read(int number, ReadOnlySpan<byte> settlement)
    {
        var input = new Fields(settlement);
        long position = 0, version = 0, paid = 0, own = 0, adjusted = 0;
        var adjustments = 0;
        UInt128 hash = 0;
        var token = "";
        while (input.Next())
        {
            switch (input.Number)
            {
                case V1Fields.PlansPaid:
                    paid = input.Value;
                    break;
                case V1Fields.EnrolleePays:
                    own = input.Value;
                    break;
                case V1Fields.AccountVersion:
                    version = input.Value;
                    break;
                case V1Fields.LedgerPosition:
                    position = input.Value;
                    break;
                case V1Fields.EntryHash:
                    hash = UInt128.Parse(
                        input.Bytes[..32], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                    break;
                case V1Fields.PreviewToken:
                    token = Encoding.ASCII.GetString(input.Bytes);
                    break;
                case V1Fields.Adjustments:
                    adjustments++;
                    adjusted += Read(number, input.Bytes).Receipt.PlansPaidFen;
                    break;
            }
        }
        return new SettlementAnswer(
            new Receipt(number, hash, position, version, paid, own), token, adjustments, adjusted);
    }

    /// <summary>One result of SettleMany: a settlement's bytes, or a refusal's reason.</summary>
    public static ReadOnlySpan<byte> ReadResult(ReadOnlySpan<byte> result, out string? reason)
    {
        reason = null;
        var input = new Fields(result);
        ReadOnlySpan<byte> settlement = default;
        while (input.Next())
        {
            if (input.Number == Api.V1.SettleResult.SettlementFieldNumber)
                settlement = input.Bytes;
            else if (input.Number == Api.V1.SettleResult.RefusalFieldNumber)
                reason = Api.V1.Refusal.Parser.ParseFrom(input.Bytes).Reason;
        }
        return settlement;
    }

    static class V1Fields
    {
        public const int PlansPaid = Api.V1.Settlement.PlansPaidFenFieldNumber;
        public const int EnrolleePays = Api.V1.Settlement.EnrolleePaysFenFieldNumber;
        public const int AccountVersion = Api.V1.Settlement.AccountVersionFieldNumber;
        public const int LedgerPosition = Api.V1.Settlement.LedgerPositionFieldNumber;
        public const int EntryHash = Api.V1.Settlement.EntryHashFieldNumber;
        public const int Adjustments = Api.V1.Settlement.AdjustmentsFieldNumber;
        public const int PreviewToken = Api.V1.Settlement.PreviewTokenFieldNumber;
    }

    /// <summary>Walks the fields of a message: varints as values, the rest as bytes.</summary>
    public ref struct Fields(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> _rest = message;

        public int Number { get; private set; }

        public long Value { get; private set; }

        public ReadOnlySpan<byte> Bytes { get; private set; }

        public bool Next()
        {
            if (_rest.IsEmpty)
                return false;
            var tag = Varint();
            Number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    Value = (long)Varint();
                    break;
                case 2:
                    var length = (int)Varint();
                    Bytes = _rest[..length];
                    _rest = _rest[length..];
                    break;
                default:
                    throw new InvalidDataException($"Field {Number} has a type that no settlement holds.");
            }
            return true;
        }

        ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = _rest[0];
                _rest = _rest[1..];
                value |= (ulong)(next & 0x7f) << shift;
                if ((next & 0x80) == 0)
                    return value;
            }
        }
    }
}

/// <summary>What the generator keeps of an answer.</summary>
/// <param name="Adjustments">How many settlements a reversal rated again.</param>
/// <param name="AdjustedFen">What they were paid more, or less.</param>
readonly record struct SettlementAnswer(Receipt Receipt, string PreviewToken, int Adjustments, long AdjustedFen);
