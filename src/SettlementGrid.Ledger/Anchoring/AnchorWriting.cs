using System.Text;
using Microsoft.Extensions.Logging;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger.Anchoring;

/// <summary>
/// Appends the signed head to the anchor file every few seconds if it moved. A chain of hashes alone shows no cut tail
/// and no full rewrite; a signed head kept on another disk or machine does.
/// </summary>
public sealed class AnchorWriting : IDisposable
{
    readonly ILedger _ledger;
    readonly TimeProvider _clock;
    readonly ILogger _log;
    readonly AnchorKey _key;
    readonly FileStream _alone;
    readonly FileStream _file;
    long _lastNumber;

    /// <summary>
    /// Opens file and key, making them where they are missing. IOException: they cannot be written, or another server
    /// writes them: two would write over each other's lines. Whoever only reads the file is not hindered.
    /// </summary>
    public AnchorWriting(ILedger ledger, string path, TimeProvider clock, ILogger log)
    {
        (_ledger, _clock, _log) = (ledger, clock, log);
        _alone = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        _key = AnchorKey.OpenOrCreate(path);
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        CutTornLine();
    }

    /// <summary>Runs until cancelled, then signs once more.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(LedgerLimits.AnchorEvery, _clock);
        do
        {
            try
            {
                await Write(CancellationToken.None);
            }
            catch (Exception e) when (e is LedgerUnavailableException or IOException)
            {
                _log.LogWarning("The ledger's head was not anchored: {Why}", e.Message);
            }
        }
        while (await Tick(timer, cancellation));
        await Write(CancellationToken.None);
    }

    /// <summary>Appends the head, flushed to the disk; nothing if it has not moved since.</summary>
    public async Task Write(CancellationToken cancellation)
    {
        var head = await _ledger.ReadHead(cancellation);
        if (head.CommitNumber == _lastNumber)
            return;
        var anchor =
            new Anchor(head.CommitNumber, head.Position, head.Hash, _clock.GetUtcNow().ToUnixTimeMilliseconds());
        _file.Write(Encoding.ASCII.GetBytes(anchor.Sign(_key) + "\n"));
        _file.Flush(flushToDisk: true);
        _lastNumber = head.CommitNumber;
    }

    public void Dispose()
    {
        _file.Dispose();
        _alone.Dispose();
        _key.Dispose();
    }

    /// <summary>What a crash left of a line is taken away, so that the next one stands alone.</summary>
    void CutTornLine()
    {
        var length = _file.Length;
        while (length > 0)
        {
            _file.Seek(length - 1, SeekOrigin.Begin);
            if (_file.ReadByte() == '\n')
                break;
            length--;
        }
        _file.SetLength(length);
        _file.Seek(0, SeekOrigin.End);
    }

    static async Task<bool> Tick(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
