using System.CommandLine;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>The options by which every command that needs the ledger finds it.</summary>
public sealed class DatabaseChoice
{
    private readonly Option<DirectoryInfo> _data = new("--data")
    {
        Description = "folder that holds everything the embedded default keeps 数据目录",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo(DataDirectory.DefaultPath()),
    };

    private readonly Option<string?> _postgres = new("--postgres")
    {
        Description = "use this PostgreSQL (15 or later) instead of the embedded one 使用已有数据库",
        HelpName = "CONNECTION",
    };

    // A password among a process's arguments is shown to everybody on the machine.
    private readonly Option<FileInfo?> _postgresFile = new("--postgres-file")
    {
        Description = "the same, the connection read from the first line of a file 从文件读取数据库连接",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_postgres);
        command.Options.Add(_postgresFile);
        command.Validators.Add(given =>
        {
            if (given.GetResult(_postgres) is not null && given.GetResult(_postgresFile) is not null)
            {
                given.AddError("--postgres and --postgres-file say the same thing twice: give one of them.");
            }
        });
    }

    /// <exception cref="CannotStartException">The file with the connection cannot be read or is empty.</exception>
    public DatabasePlace In(ParseResult parsed) =>
        new(parsed.GetValue(_data)!.FullName,
            parsed.GetValue(_postgresFile) is { } file ? Connection(file) : parsed.GetValue(_postgres));

    private static string Connection(FileInfo file)
    {
        try
        {
            using var text = file.OpenText();
            return text.ReadLine() is { Length: > 0 } line
                ? line.Trim()
                : throw new CannotStartException($"{file.FullName} is empty: its first line is the connection.");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"The connection cannot be read from {file.FullName}: {failed.Message}", failed);
        }
    }
}
