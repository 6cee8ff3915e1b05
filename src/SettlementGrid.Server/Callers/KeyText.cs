using System.Security.Cryptography;
using System.Text;

namespace SettlementGrid.Server.Callers;

/// <summary>A key as its holder has it: `sg_`, its id, `_`, its secret.</summary>
public static class KeyText
{
    private const string Prefix = "sg_";

    /// <summary>A fresh key: its id, the text that the holder gets (once), and the hash to keep.</summary>
    public static (string Id, string Text, byte[] Hash) New()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Credential.IdLength / 2));
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return (id, $"{Prefix}{id}_{secret}", HashOf(secret));
    }

    /// <summary>The two parts of a key's text, or null if it is none.</summary>
    public static (string Id, string Secret)? Parts(string text)
    {
        var end = Prefix.Length + Credential.IdLength;
        return text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > end && text[end] == '_'
            ? (text[Prefix.Length..end], text[(end + 1)..])
            : null;
    }

    /// <summary>
    /// Of whatever was sent as a secret; what is not ASCII is no secret of ours and hashes to another.
    /// </summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
