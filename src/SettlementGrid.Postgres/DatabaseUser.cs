namespace SettlementGrid.Postgres;

/// <summary>
/// Under which user of the operating system PostgreSQL runs. PostgreSQL refuses to run as root; so a root process
/// lends it an unprivileged user and anyone else runs it under their own name.
/// </summary>
/// <remarks>
/// The user is `postgres` (Debian's package makes it), else `settlementgrid`, which is created if need be. Dropping
/// the rights is done by setpriv, runuser or su, whichever the machine has.
/// </remarks>
public sealed class DatabaseUser
{
    private readonly string[] _prefix;

    private DatabaseUser(string? name, string[] prefix)
    {
        Name = name;
        _prefix = prefix;
    }

    /// <summary>Null when PostgreSQL runs under the caller's own user.</summary>
    public string? Name { get; }

    public static async Task<DatabaseUser> ChooseAsync(Action<string> say, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            // On Windows pg_ctl itself drops an administrator's rights.
            return new DatabaseUser(null, []);
        }

        foreach (var name in (string[])["postgres", "settlementgrid"])
        {
            if (await ExistsAsync(name, cancellation))
            {
                return new DatabaseUser(name, await PrefixAsync(name, cancellation));
            }
        }

        say("creating the user settlementgrid: PostgreSQL refuses to run as root");
        var created = ChildProgram.Find("useradd") is { } useradd
            ? await RunAsync([useradd, "--system", "--no-create-home", "settlementgrid"], cancellation)
            : await RunAsync(["adduser", "-S", "-H", "-D", "settlementgrid"], cancellation);
        if (!created.Succeeded)
        {
            throw new PostgresUnavailableException(
                "PostgreSQL refuses to run as root and no unprivileged user could be created: " + created.Output
                + "\nCreate one named settlementgrid, or start the server as an ordinary user.");
        }

        return new DatabaseUser("settlementgrid", await PrefixAsync("settlementgrid", cancellation));
    }

    /// <summary>The same command, run as this user.</summary>
    public string[] As(params string[] command) => [.. _prefix, .. command];

    /// <summary>Makes the folder (one level) and hands it to this user, closed to all others.</summary>
    public async Task OwnFolderAsync(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (Name is null)
        {
            return;
        }

        var owned = await RunAsync(["chown", Name, folder], cancellation);
        if (!owned.Succeeded)
        {
            throw new PostgresUnavailableException($"cannot give {folder} to the user {Name}: {owned.Output}");
        }
    }

    /// <summary>
    /// Fails with what to do unless this user can enter the folder. Without the check, initdb would fail with
    /// "permission denied" on a folder that looks right: one of its parents is closed.
    /// </summary>
    public async Task RequireEntranceAsync(string folder, CancellationToken cancellation)
    {
        if (Name is null)
        {
            return;
        }

        var closed = "";
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            var entered = await RunAsync(As("test", "-x", at), cancellation);
            closed = entered.Succeeded ? closed : at;
        }

        if (closed.Length > 0)
        {
            throw new PostgresUnavailableException(
                $"PostgreSQL refuses to run as root, and the user it runs as, {Name}, cannot enter {closed}.\n"
                + $"Choose another folder with --data (the default is {DataDirectory.DefaultPath()}), "
                + $"or open this one for passing through: chmod o+x {closed}");
        }
    }

    private static async Task<string[]> PrefixAsync(string name, CancellationToken cancellation)
    {
        if (ChildProgram.Find("setpriv") is { } setpriv)
        {
            var group = await RunAsync(["id", "-g", name], cancellation);
            string[] byPriv = [setpriv, "--reuid", name, "--regid", group.Output.Trim(), "--init-groups", "--"];
            if ((await RunAsync([.. byPriv, "true"], cancellation)).Succeeded)
            {
                return byPriv;
            }
        }

        // runuser and setpriv exec the program; su goes through a shell, so it is the last choice.
        if (ChildProgram.Find("runuser") is { } runuser)
        {
            return [runuser, "-u", name, "--"];
        }

        return ChildProgram.Find("su") is { } su
            ? [su, "-s", "/bin/sh", "-c", "exec \"$@\"", "--", name, "sh"]
            : throw new PostgresUnavailableException(
                "PostgreSQL refuses to run as root, and none of setpriv, runuser and su is there to run it as "
                + $"{name}. Start the server as an ordinary user.");
    }

    private static async Task<bool> ExistsAsync(string name, CancellationToken cancellation) =>
        (await RunAsync(["id", "-u", name], cancellation)).Succeeded;

    private static Task<ChildResult> RunAsync(string[] command, CancellationToken cancellation) =>
        ChildProgram.RunAsync(command, "/", PostgresLimits.CommandMax, cancellation);
}
