using SettlementGrid.Enrollees;
using SettlementGrid.Grid;
using SettlementGrid.PlanFiles;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Tests;

/// <summary>
/// A whole grid in memory with the shipped plans published, and a folder that goes when the test ends.
/// </summary>
sealed class Town : IDisposable
{
    readonly Mailboxes _grid;

    public Town(TimeProvider? clock = null, Func<ILedger, ILedger>? wrap = null)
    {
        Clock = clock ?? TimeProvider.System;
        Ledger = new VolatileLedger(Clock);
        Front = wrap is null ? Ledger : wrap(Ledger);
        Catalogs = new CatalogSource(Front, text => PlanFile.Read(text).Plan!);
        Writing = new CatalogWriting(Ledger, Catalogs, Clock);
        Funds = new FundWriting(Ledger, Catalogs, Clock);
        _grid = new Mailboxes(Front, Catalogs, Clock, TaskScheduler.Default);
        Rosters = new RosterLoad(Front, _grid, Clock);
        Folder = Directory.CreateTempSubdirectory("settlementgrid-import-").FullName;
    }

    public TimeProvider Clock { get; }

    /// <summary>The truth.</summary>
    public VolatileLedger Ledger { get; }

    /// <summary>What the import sees.</summary>
    public ILedger Front { get; }

    public CatalogSource Catalogs { get; }

    public CatalogWriting Writing { get; }

    public FundWriting Funds { get; }

    public RosterLoad Rosters { get; }

    public IGrid Grid => _grid;

    public string Folder { get; }

    public int Tidied { get; private set; }

    public async Task<Town> WithPlans()
    {
        foreach (var path in Directory.EnumerateFiles(PlansFolder(), "*.yaml", SearchOption.AllDirectories))
        {
            var text = await File.ReadAllTextAsync(path);
            var plan = PlanFile.Read(text).Plan;
            if (plan is { Template: false })
                Assert.Null((await Writing.Publish(plan, text, default)).Refusal);
        }
        return this;
    }

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Write(string name, params string[] lines) =>
        Write(name, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    public FileImport Import(Action<ImportProgress>? progress = null) => new(
        Front, Rosters, Catalogs, Clock, progress ?? (_ => { }), _ =>
        {
            Tidied++;
            return Task.CompletedTask;
        });

    public async Task<ImportOutcome.Done> Done(string path) =>
        Assert.IsType<ImportOutcome.Done>(await Import().Run(path, default));

    public async Task<RosterEntry?> Entry(string id) => (await Ledger.Load(id, default)).Roster;

    public void Dispose()
    {
        _grid.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    static string PlansFolder()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SettlementGrid.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(folder, "deploy", "plans");
    }
}
