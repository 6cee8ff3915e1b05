using System.Globalization;
using SettlementGrid.Server.CommandLine;

namespace SettlementGrid.Server.Servers;

/// <summary>
/// The folder in which one server alone keeps its log and its anchor: the data folder itself, or, while another server
/// keeps its own there, server-2, server-3 … within it. Two servers that wrote one anchor file would write over each
/// other's lines. The lock is the operating system's and goes with the process.
/// </summary>
public sealed class OwnFolder : IDisposable
{
    private readonly FileStream _lock;

    private OwnFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <exception cref="CannotStartException">Too many servers keep theirs there.</exception>
    public static OwnFolder Take(string data)
    {
        for (var number = 1; number <= ServerLimits.ServersPerFolderMax; number++)
        {
            var folder = number == 1
                ? data
                : System.IO.Path.Combine(data, string.Create(CultureInfo.InvariantCulture, $"server-{number}"));
            Directory.CreateDirectory(folder);
            try
            {
                return new OwnFolder(folder, new FileStream(
                    System.IO.Path.Combine(folder, "server-lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                    FileShare.None));
            }
            catch (IOException)
            {
                // Another server's.
            }
        }

        throw new CannotStartException(
            $"{ServerLimits.ServersPerFolderMax} servers keep their logs and anchors in {data}, or none can be written "
            + "there. Give this one a folder of its own with --data.");
    }

    public void Dispose() => _lock.Dispose();
}
