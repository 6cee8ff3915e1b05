namespace SettlementGrid.Postgres;

/// <summary>A folder with postgres, initdb and pg_ctl, and their major version.</summary>
public sealed record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The oldest version the ledger's SQL is tested with.</summary>
    public const int OldestMajor = 15;

    public string Program(string name) =>
        Path.Combine(Folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>psql of the same folder, else one on PATH (npm's package brings none), else null.</summary>
    public string? Psql => File.Exists(Program("psql")) ? Program("psql") : ChildProgram.Find("psql");

    /// <summary>
    /// The newest installed version that is new enough, or exactly <paramref name="major"/> where data of that
    /// version is there already. What was installed into <paramref name="ownFolder"/>, or into the same folder of
    /// the default place, counts too.
    /// </summary>
    public static async Task<PostgresBinaries?> FindAsync(
        string ownFolder, int? major, CancellationToken cancellation)
    {
        var found = new List<PostgresBinaries>();
        foreach (var folder in Candidates(ownFolder).Distinct())
        {
            if (await ReadAsync(folder, cancellation) is { } binaries)
            {
                found.Add(binaries);
            }
        }

        return found
            .Where(binaries => major is null ? binaries.Major >= OldestMajor : binaries.Major == major)
            .MaxBy(binaries => binaries.Major);
    }

    /// <summary>The binaries of this folder, or null if one of the three programs is missing or does not run.</summary>
    public static async Task<PostgresBinaries?> ReadAsync(string folder, CancellationToken cancellation)
    {
        var binaries = new PostgresBinaries(folder, 0);
        if (!((string[])["postgres", "initdb", "pg_ctl"]).All(name => File.Exists(binaries.Program(name))))
        {
            return null;
        }

        var version = await ChildProgram.RunAsync(
            [binaries.Program("postgres"), "--version"], folder, PostgresLimits.CommandMax, cancellation);
        return version.Succeeded && MajorOf(version.Output) is { } major ? binaries with { Major = major } : null;
    }

    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "postgres (PostgreSQL) 19beta1"
    private static int? MajorOf(string version)
    {
        const string Mark = "(PostgreSQL) ";
        var at = version.IndexOf(Mark, StringComparison.Ordinal);
        var digits = at < 0 ? "" : new string([.. version[(at + Mark.Length)..].TakeWhile(char.IsAsciiDigit)]);
        return int.TryParse(digits, out var major) ? major : null;
    }

    private static IEnumerable<string> Candidates(string ownFolder)
    {
        yield return Path.Combine(ownFolder, "native", "bin");
        yield return Path.Combine(DataDirectory.DefaultPath(), Path.GetFileName(ownFolder), "native", "bin");

        // Debian keeps each version's programs beside each other and off PATH; the rest are the folders of
        // Red Hat's packages, Homebrew, Postgres.app and the Windows installer.
        foreach (var (root, below) in Installations())
        {
            foreach (var version in Directory.Exists(root) ? Directory.EnumerateDirectories(root) : [])
            {
                yield return Path.Combine(version, below);
            }
        }

        yield return "/usr/local/pgsql/bin";
        if (ChildProgram.Find("postgres") is { } onPath)
        {
            var real = File.ResolveLinkTarget(onPath, returnFinalTarget: true)?.FullName ?? onPath;
            yield return Path.GetDirectoryName(real)!;
        }
    }

    private static (string Root, string Below)[] Installations() => OperatingSystem.IsWindows()
        ? [(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "bin")]
        : OperatingSystem.IsMacOS()
            ?
            [
                ("/opt/homebrew/opt", "bin"), ("/usr/local/opt", "bin"),
                ("/Applications/Postgres.app/Contents/Versions", "bin"), ("/Library/PostgreSQL", "bin"),
            ]
            : [("/usr/lib/postgresql", "bin"), ("/usr/libexec/postgresql", ""), ("/opt/postgresql", "bin")];
}
