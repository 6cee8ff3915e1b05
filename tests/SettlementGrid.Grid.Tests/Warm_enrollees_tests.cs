using SettlementGrid.Enrollees;
using SettlementGrid.Testing;

namespace SettlementGrid.Grid.Tests;

/// <summary>The cache of idle accounts against the plainest one there is: a list in the order of use.</summary>
public sealed class Warm_enrollees_tests
{
    [Theory]
    [InlineData(1, 1_000, 50)]
    [InlineData(2, 7, 50)]
    [InlineData(3, 3_000, 5_000)]
    public async Task It_keeps_what_was_used_last_and_gives_each_account_once(int seed, int countMax, int persons)
    {
        var ledger = new VolatileLedger(TimeProvider.System);
        var catalogs = await Given.Catalogs(ledger);
        var made = Enumerable.Range(0, persons)
            .Select(i => new Enrollee($"p-{i}", ledger, catalogs, TimeProvider.System)).ToList();
        var each = made[0].EstimatedBytes;
        var warm = new WarmEnrollees(countMax, long.MaxValue);
        var (expected, evictions, dice) = (new List<Enrollee>(), 0, new Random(seed));
        for (var step = 0; step < 20_000; step++)
        {
            var enrollee = made[dice.Next(persons)];
            // Another string of the same id, as every call brings one.
            var taken = warm.Take(string.Concat("p", enrollee.Id.AsSpan(1)));
            Assert.Same(expected.Remove(enrollee) ? enrollee : null, taken);
            if (dice.Next(10) == 0)
                continue;
            if (expected.Count == countMax)
            {
                expected.RemoveAt(0);
                evictions++;
            }
            expected.Add(enrollee);
            warm.Put(enrollee);
            Assert.Equal((expected.Count, (long)expected.Count * each, evictions),
                (warm.Count, warm.Bytes, warm.Evictions));
        }
        Assert.True(evictions > 0 || persons <= countMax);
    }

    /// <summary>
    /// The table chains by the hash's lowest bits: they must still differ among the persons of one shard.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100)]
    public void Persons_of_one_shard_use_all_buckets(int shards)
    {
        var (random, buckets, persons) = (new Random(1), new HashSet<int>[shards], 0);
        for (var i = 0; i < shards; i++)
            buckets[i] = [];
        for (; persons < shards * 1_024; persons++)
        {
            var hash = random.Next(int.MinValue, int.MaxValue);
            buckets[Mailboxes.ShardNumber(hash, shards)].Add(hash & 63);
        }
        Assert.All(buckets, used => Assert.Equal(64, used.Count));
    }

    [Fact]
    public async Task An_account_above_the_bound_of_bytes_is_not_kept()
    {
        var ledger = new VolatileLedger(TimeProvider.System);
        var enrollee = new Enrollee("anna", ledger, await Given.Catalogs(ledger), TimeProvider.System);
        var warm = new WarmEnrollees(10, enrollee.EstimatedBytes - 1);
        warm.Put(enrollee);
        Assert.Null(warm.Take("anna"));
        Assert.Equal((0, 0, 1), (warm.Count, warm.Bytes, warm.Evictions));
    }
}
