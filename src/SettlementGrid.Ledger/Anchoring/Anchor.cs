using System.Globalization;
using System.Text;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Anchoring;

/// <summary>
/// The ledger's head at a moment, to be signed and kept elsewhere. One line of the anchor file: number, position, hash,
/// milliseconds since 1970, signature (ECDSA P-256 over everything before it), separated by blanks.
/// </summary>
public sealed record Anchor(long Number, long Position, EntryHash Hash, long At)
{
    const string Purpose = "settlementgrid-anchor-1";

    /// <summary>What is signed: nothing else this key might ever sign begins so.</summary>
    public byte[] Message => Encoding.ASCII.GetBytes($"{Purpose} {Line}");

    string Line => $"{Number} {Position} {Hash} {At}";

    public string Sign(AnchorKey key) => $"{Line} {Convert.ToBase64String(key.Sign(Message))}";

    /// <summary>Null: not a line as <see cref="Sign"/> makes it.</summary>
    public static (Anchor Anchor, byte[] Signature)? Read(string line)
    {
        var parts = line.Split(' ');
        var signature = new byte[128];
        if (parts.Length != 5 || parts[2].Length != 64
            || !long.TryParse(parts[0], NumberStyles.None, null, out var number)
            || !long.TryParse(parts[1], NumberStyles.None, null, out var position)
            || !UInt128.TryParse(parts[2].AsSpan(0, 32), NumberStyles.AllowHexSpecifier, null, out var high)
            || !UInt128.TryParse(parts[2].AsSpan(32), NumberStyles.AllowHexSpecifier, null, out var low)
            || !long.TryParse(parts[3], NumberStyles.None, null, out var at)
            || !Convert.TryFromBase64String(parts[4], signature, out var length))
            return null;
        return (new Anchor(number, position, new EntryHash(high, low), at), signature[..length]);
    }
}
