namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>Equality of what was read back: Entry compares by hash alone, so the parts are compared here.</summary>
static class Same
{
    public static void Entry(Entry expected, Entry read)
    {
        Assert.Equal(expected.Body, read.Body);
        Assert.Equal(expected.Hash, read.Hash);
        Assert.Equal((expected.Stream, expected.Version, expected.At, expected.Previous),
            (read.Stream, read.Version, read.At, read.Previous));
        Assert.Equal(expected.After, read.After);
        Fact(expected.Fact, read.Fact);
        if (expected.After is not null)
            Assert.Equal(expected.After, Enrollees.Entry.ReadAccount(expected.Body));
    }

    static void Fact(Fact expected, Fact read)
    {
        if (expected is not Fact.Money money)
        {
            Assert.Equal(expected, read);
            return;
        }
        var outcome = Assert.IsAssignableFrom<Fact.Money>(read).Outcome;
        Assert.Equal(money.Outcome.Counted, outcome.Counted);
        Assert.Equal(money.Outcome.Layers, outcome.Layers);
        Assert.Equal(money.Outcome.LeftOut, outcome.LeftOut);
        Assert.Equal(money.Outcome.Changes, outcome.Changes);
        Assert.Equal(money.Outcome.BasicFundCode, outcome.BasicFundCode);
        Assert.Equal((Fact)(money with { Outcome = outcome }), read);
    }
}
