using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace SettlementGrid.Api;

/// <summary>A connection's pipes, with a <see cref="FrameWatch"/> on what passes through them.</summary>
internal sealed class WatchedTransport(IDuplexPipe inner, FrameWatch watch) : IDuplexPipe
{
    public PipeReader Input { get; } = new WatchedReader(inner.Input, watch);

    public PipeWriter Output { get; } = new WatchedWriter(inner.Output, watch);
}

/// <summary>
/// What comes in. Each byte is looked at once, when it is first shown to the reader, who may take less than it was
/// shown and is shown the rest again. After an overdraft the reader is told that nothing more comes, and the bytes of
/// the flood that it had not been shown are dropped.
/// </summary>
internal sealed class WatchedReader(PipeReader inner, FrameWatch watch) : PipeReader
{
    private ReadOnlySequence<byte> _shown;
    private long _lookedAt;
    private bool _isEnded;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_isEnded)
        {
            return new(Ended());
        }

        var reading = inner.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Looked(reading.Result)) : AwaitedAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_isEnded)
        {
            result = Ended();
            return true;
        }

        if (!inner.TryRead(out result))
        {
            return false;
        }

        result = Looked(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_isEnded)
        {
            return;
        }

        if (!watch.IsOther)
        {
            _lookedAt -= _shown.Slice(0, consumed).Length;
            _shown = default;
        }

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private static ReadResult Ended() => new(default, isCanceled: false, isCompleted: true);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> AwaitedAsync(ValueTask<ReadResult> reading) => Looked(await reading);

    private ReadResult Looked(in ReadResult result)
    {
        if (watch.IsOther)
        {
            return result;
        }

        _shown = result.Buffer;
        if (watch.Receive(_shown.Slice(_lookedAt)))
        {
            _lookedAt = _shown.Length;
            return result;
        }

        inner.AdvanceTo(_shown.End);
        _shown = default;
        _isEnded = true;
        return Ended();
    }
}

/// <summary>What goes out, looked at when it is handed on.</summary>
internal sealed class WatchedWriter(PipeWriter inner, FrameWatch watch) : PipeWriter
{
    private Memory<byte> _given;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _given = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        watch.Send(_given.Span[..bytes]);
        _given = _given[bytes..];
        inner.Advance(bytes);
    }

    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        watch.Send(source.Span);
        return inner.WriteAsync(source, cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
}
