namespace SettlementGrid.Testbed;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>A path under deploy/.</summary>
    public static string Deploy(params string[] path) => Path.Combine([Root, "deploy", .. path]);

    static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SettlementGrid.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run outside the repository.");
    }
}
