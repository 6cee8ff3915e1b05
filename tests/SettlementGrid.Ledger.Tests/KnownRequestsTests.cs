using SettlementGrid.Enrollees;
using SettlementGrid.Ledger.Seeing;

namespace SettlementGrid.Ledger.Tests;

/// <summary>What a process remembers of request keys.</summary>
public sealed class KnownRequestsTests
{
    [Fact]
    public void The_oldest_keys_are_forgotten_first_and_none_is_mistaken_for_another()
    {
        var known = new KnownRequests(places: 64);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.False(known.Has(Key(i)));
            known.Add(Key(i));
            known.Add(Key(i));
            Assert.True(known.Has(Key(i)));
        }
        Assert.Equal(64, Enumerable.Range(0, 1_000).Count(i => known.Has(Key(i))));
        Assert.Equal(8, Enumerable.Range(992, 8).Count(i => known.Has(Key(i))));
        // Nothing is known of an empty table, be the key all zeros.
        Assert.False(new KnownRequests(places: 64).Has(default));
    }

    [Fact]
    public void Half_as_many_keys_as_there_are_places_are_remembered_nearly_all()
    {
        var known = new KnownRequests(places: 1 << 14);
        for (var i = 0; i < 1 << 13; i++)
            known.Add(Key(i));
        Assert.InRange(Enumerable.Range(0, 1 << 13).Count(i => known.Has(Key(i))), 8_000, 1 << 13);
    }

    static SettlementId Key(int number) => SettlementId.Of("H1", $"r{number}");
}
