namespace SettlementGrid.Server.Tests.Running;

/// <summary>Waits for what another process does, which does not say when.</summary>
internal static class Becoming
{
    /// <summary>Asks until it is so, at most 30 s.</summary>
    /// <param name="what">What did not become so, for the test's message.</param>
    public static async Task SoAsync(Func<Task<bool>> isSo, string what)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (await isSo())
            {
                return;
            }

            // Nothing outside tells when it has happened.
            await Task.Delay(50);
        }

        Assert.Fail($"{what} within 30 s");
    }
}
