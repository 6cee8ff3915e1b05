using System.CommandLine;
using SettlementGrid.Postgres;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>The two options by which every command that needs the ledger finds it.</summary>
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

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_postgres);
    }

    public DatabasePlace In(ParseResult parsed) =>
        new(parsed.GetValue(_data)!.FullName, parsed.GetValue(_postgres));
}
