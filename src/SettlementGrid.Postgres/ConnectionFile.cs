using System.Security.Cryptography;
using Npgsql;

namespace SettlementGrid.Postgres;

/// <summary>
/// One connection string in a file that only its owner may read. Written whole or not at all (written beside,
/// then renamed), so that a crash leaves the old one or the new one.
/// </summary>
public sealed class ConnectionFile(string path)
{
    public string FullPath { get; } = path;

    public bool Exists => File.Exists(FullPath);

    public string Read() => File.ReadAllText(FullPath).Trim();

    /// <summary>The string with its port; the password is kept from the file or, at the first time, made up.</summary>
    public string Ensure(string username, string database, int port)
    {
        var before = Exists ? Read() : "";
        var builder = new NpgsqlConnectionStringBuilder(before)
        {
            Host = "127.0.0.1",
            Port = port,
            Username = username,
            Database = database,
        };
        builder.Password ??= Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        if (before != builder.ConnectionString)
        {
            Write(builder.ConnectionString);
        }

        return builder.ConnectionString;
    }

    private void Write(string connectionString)
    {
        var beside = FullPath + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(beside, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(connectionString + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, FullPath, overwrite: true);
    }
}
