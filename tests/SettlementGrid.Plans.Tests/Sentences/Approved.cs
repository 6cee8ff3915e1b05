using System.Runtime.CompilerServices;

namespace SettlementGrid.Plans.Tests;

/// <summary>Texts that somebody has read: a failing test leaves the text as it is now beside the test program.</summary>
static class Approved
{
    public static void Check(string name, string now)
    {
        var received = Path.Combine(AppContext.BaseDirectory, name + ".received.txt");
        File.WriteAllText(received, now);
        Assert.True(File.ReadAllText(Path.Combine(Folder(), name + ".approved.txt")) == now,
            $"The text differs from {name}.approved.txt; it is in {received}");
    }

    static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
