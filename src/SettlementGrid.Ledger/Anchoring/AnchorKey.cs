using System.Security.Cryptography;
using System.Text;

namespace SettlementGrid.Ledger.Anchoring;

/// <summary>
/// The key that signs anchors: made on first use, readable by its owner alone (mode 600), its public half beside it.
/// Who has the public half and the anchor file elsewhere can check the ledger without trusting this machine.
/// </summary>
public sealed class AnchorKey : IDisposable
{
    readonly ECDsa _key;

    AnchorKey(ECDsa key) => _key = key;

    public static string PrivatePath(string anchorPath) => anchorPath + ".key";

    public static string PublicPath(string anchorPath) => anchorPath + ".pub";

    public static AnchorKey OpenOrCreate(string anchorPath)
    {
        var path = PrivatePath(anchorPath);
        // An empty file is a key that a crash kept from being written: nothing was ever signed with it.
        if (new FileInfo(path) is not { Exists: true, Length: > 0 })
            Create(path);
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        // Written again at every start: it follows from the key, and may have been lost.
        Write(PublicPath(anchorPath), key.ExportSubjectPublicKeyInfoPem() + "\n", null);
        return new AnchorKey(key);
    }

    /// <summary>Only the public half: enough for <see cref="Verifies"/>.</summary>
    public static AnchorKey OpenPublic(string anchorPath)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(PublicPath(anchorPath)));
        return new AnchorKey(key);
    }

    public byte[] Sign(byte[] message) => _key.SignData(message, HashAlgorithmName.SHA256);

    public bool Verifies(byte[] message, byte[] signature) =>
        _key.VerifyData(message, signature, HashAlgorithmName.SHA256);

    public void Dispose() => _key.Dispose();

    static void Create(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write(path, key.ExportPkcs8PrivateKeyPem() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>All of it or nothing: a server killed in between must find what was there before, or no file.</summary>
    static void Write(string path, string text, UnixFileMode? mode)
    {
        var beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using (var file = new FileStream(beside, options))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }
}
