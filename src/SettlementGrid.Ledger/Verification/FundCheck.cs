using System.IO.Compression;
using System.Security.Cryptography;
using SettlementGrid.Enrollees;
using SettlementGrid.Plans;
using SettlementGrid.Regions.Folding;
using SettlementGrid.Regions.Following;

namespace SettlementGrid.Ledger.Verification;

/// <summary>
/// The funds folded from nothing along the commits, and every stored checkpoint held against the fold at its mark. In
/// the end <see cref="FundSums"/> holds the fold against sums it has no part in. Memory: one fold, some 50 bytes a
/// person, and where a checkpoint differs for a moment a second one.
/// </summary>
sealed class FundCheck(Findings findings, Func<string, Plan> readPlan, ICheckpoints checkpoints)
{
    FundFold? _fold = new(readPlan);
    long? _nextCheckpoint;

    /// <summary>Checkpoints held against the fold.</summary>
    public int Checkpoints { get; private set; }

    /// <summary>Null: an entry is missing or cannot be folded, which is a finding already.</summary>
    public FundFold? Fold => _fold;

    /// <summary>Before the first entry.</summary>
    public async Task Begin(CancellationToken cancellation) =>
        _nextCheckpoint = await checkpoints.NextMark(0, cancellation);

    /// <summary>
    /// The next entry in the ledger's order; past the first that is missing or damaged no sum means anything.
    /// </summary>
    public async ValueTask Take(long position, byte[] body, CommitMark commit, CancellationToken cancellation)
    {
        if (_fold is not { } fold)
            return;
        try
        {
            if (position != fold.Mark + 1)
                throw new InvalidDataException("The entry before it is missing.");
            fold.Apply(position, body);
        }
        catch (Exception e) when (Damage.IsSign(e))
        {
            findings.Add(new Finding(
                "from here on the funds cannot be folded; their sums are not checked", Position: position));
            _fold = null;
            return;
        }
        if (position == _nextCheckpoint)
        {
            await Compare(fold, commit, cancellation);
            _nextCheckpoint = await checkpoints.NextMark(position, cancellation);
        }
    }

    /// <summary>A checkpoint beyond the ledger is of another one.</summary>
    /// <param name="head">The ledger's now: servers may have written since the walk began.</param>
    public void End(long head)
    {
        if (_fold is not null && _nextCheckpoint > head)
            findings.Add(new Finding("a fund checkpoint is ahead of the ledger", Position: _nextCheckpoint));
    }

    async Task Compare(FundFold fold, CommitMark commit, CancellationToken cancellation)
    {
        if (await checkpoints.Newest(fold.Mark, cancellation) is not { } stored || stored.Mark != fold.Mark)
            return;
        Checkpoints++;
        if (!stored.IsSound)
            findings.Add(new Finding("this fund checkpoint was changed", Position: stored.Mark));
        else if (stored.Commit != commit)
            findings.Add(new Finding("this fund checkpoint is of another ledger", Position: stored.Mark));
        else
            CompareSums(fold, stored);
    }

    void CompareSums(FundFold fold, StoredCheckpoint stored)
    {
        try
        {
            // Equal folds write equal bytes; only where they differ the sums are looked at.
            if (Digest(fold).AsSpan().SequenceEqual(Digest(stored)))
                return;
            var restored = stored.Unpack(readPlan);
            foreach (var (regionId, planId, year) in fold.Funds.Union(restored.Funds).Order())
                if (FundSums.Difference(
                    fold.Position(regionId, planId, year), restored.Position(regionId, planId, year)) is { } differs)
                    findings.Add(new Finding(
                        $"this fund checkpoint differs for region {regionId}, plan {planId}: {differs}",
                        Position: stored.Mark, Year: year));
        }
        catch (InvalidDataException)
        {
            findings.Add(new Finding("this fund checkpoint cannot be read", Position: stored.Mark));
        }
    }

    static byte[] Digest(FundFold fold)
    {
        using var digest = SHA256.Create();
        using (var hashing = new CryptoStream(Stream.Null, digest, CryptoStreamMode.Write, leaveOpen: true))
            fold.WriteCheckpoint(hashing);
        return digest.Hash!;
    }

    static byte[] Digest(StoredCheckpoint stored)
    {
        using var unpacked = new BrotliStream(new MemoryStream(stored.Packed), CompressionMode.Decompress);
        return SHA256.HashData(unpacked);
    }
}
