using SettlementGrid.Api;

namespace SettlementGrid.Server.CommandLine;

/// <summary>
/// The lines a person reads. News on standard error, answers on standard output, so that an answer can be piped.
/// </summary>
public static class Terminal
{
    /// <summary>
    /// Whom the audit names for what is done from here: the system's user. Permission is the database's.
    /// </summary>
    public static Caller Person { get; } = new($"terminal:{Environment.UserName}", Roles.None);

    /// <summary>What is being done, one line each.</summary>
    public static void Say(string news) => Console.Error.WriteLine(news);

    public static void Answer(string line) => Console.Out.WriteLine(line);
}
