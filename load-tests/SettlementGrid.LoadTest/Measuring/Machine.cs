using System.Runtime.InteropServices;
using Npgsql;
using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Measuring;

/// <summary>Where and of what a figure was measured; without it no figure can be compared.</summary>
/// <param name="Commit">Of the sources, with "+" behind it where they were changed since; empty where unknown.</param>
/// <param name="PostgreSql">Empty of a server that this program did not start.</param>
public sealed record Machine(
    int Processors, string Processor, long MemoryMiB, string Kernel, string Runtime, string PostgreSql, string Commit)
{
    const string CommitUnknown = "";

    public string InWords => $"{Processors} × {Processor}, {MemoryMiB / 1024.0:0.#} GiB, {Kernel}; .NET {Runtime}"
        + (PostgreSql.Length > 0 ? $", PostgreSQL {PostgreSql}" : "") + "; generator, server and database on it";

    public static async Task<Machine> ReadAsync(RunningServer? own, CancellationToken cancellation) => new(
        Environment.ProcessorCount,
        ProcessorModel(),
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        $"{RuntimeInformation.OSDescription}, kernel {Environment.OSVersion.Version}",
        Environment.Version.ToString(),
        own is null ? "" : await PostgreSqlAsync(own, cancellation),
        await CommitAsync(cancellation));

    static string ProcessorModel()
    {
        const string Table = "/proc/cpuinfo";
        var lines = File.Exists(Table) ? File.ReadLines(Table) : [];
        var model = lines.FirstOrDefault(one => one.StartsWith("model name", StringComparison.Ordinal));
        return model is null
            ? RuntimeInformation.ProcessArchitecture.ToString()
            : model[(model.IndexOf(':') + 1)..].Trim();
    }

    static async Task<string> PostgreSqlAsync(RunningServer own, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(own.Place.Data.Connection.Read());
        await using var ask = source.CreateCommand("SHOW server_version");
        return (string)(await ask.ExecuteScalarAsync(cancellation))!;
    }

    static async Task<string> CommitAsync(CancellationToken cancellation)
    {
        var folder = AppContext.BaseDirectory;
        var head = await GitAsync(["rev-parse", "--short=12", "HEAD"]);
        if (!head.Succeeded)
            return CommitUnknown;
        var changed = await GitAsync(["status", "--porcelain", "--untracked-files=no"]);
        return head.Output.Trim() + (changed.Succeeded && changed.Output.Trim().Length == 0 ? "" : "+");

        Task<ChildResult> GitAsync(string[] words) =>
            ChildProgram.RunAsync(["git", .. words], folder, LoadLimits.ProgramMax, cancellation);
    }
}
