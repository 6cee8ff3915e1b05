using System.Runtime.CompilerServices;

namespace SettlementGrid.Testing;

/// <summary>
/// Texts that somebody has read, beside the test that makes them: a failing test leaves the text as it is now beside
/// the test program.
/// </summary>
static class Approved
{
    public static void Check(string name, string now, [CallerFilePath] string test = "")
    {
        var received = Path.Combine(AppContext.BaseDirectory, name + ".received.txt");
        File.WriteAllText(received, now);
        Assert.True(File.ReadAllText(Path.Combine(Path.GetDirectoryName(test)!, name + ".approved.txt")) == now,
            $"The text differs from {name}.approved.txt; it is in {received}");
    }
}
