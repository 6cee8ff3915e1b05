using SettlementGrid.Postgres;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Crashes;

/// <summary>
/// A disk of a few dozen MB in memory, which PostgreSQL may write to and which can be filled and freed.
/// </summary>
sealed class SmallDisk : IAsyncDisposable
{
    const int Block = 1 << 16;

    SmallDisk(string folder, string own) => (Folder, Own) = (folder, own);

    public string Folder { get; }

    /// <summary>A folder on it that the database's user owns.</summary>
    public string Own { get; }

    string Ballast => Path.Combine(Folder, "ballast");

    /// <exception cref="FaultSkippedException">No disk can be made here.</exception>
    public static async Task<SmallDisk> MakeAsync(int megabytes)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            throw new FaultSkippedException("only root on Linux can make a small disk (mount -t tmpfs)");
        var folder = TemporaryPostgres.NewFolder();
        var mounted = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0711", "none", folder);
        if (!mounted.Succeeded)
        {
            Directory.Delete(folder);
            throw new FaultSkippedException($"no small disk can be made here: {mounted.Output}");
        }
        var own = Path.Combine(folder, "own");
        Directory.CreateDirectory(own);
        var user = await DatabaseUser.ChooseAsync(_ => { }, CancellationToken.None);
        if (user.Name is { } name)
            await RunAsync("chown", name, own);
        await RunAsync("chmod", "700", own);
        return new SmallDisk(folder, own);
    }

    /// <summary>Takes whatever is free.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[Block];
        try
        {
            while (true)
                ballast.Write(block);
        }
        catch (IOException)
        {
            // Full, which is what it is for.
        }
    }

    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        // Lazily: a process that ends may still have a file open.
        await RunAsync("umount", "-l", Folder);
        Directory.Delete(Folder, recursive: true);
    }

    static Task<ChildResult> RunAsync(params string[] command) =>
        ChildProgram.RunAsync(command, "/", TestbedLimits.CommandMax, CancellationToken.None);
}
