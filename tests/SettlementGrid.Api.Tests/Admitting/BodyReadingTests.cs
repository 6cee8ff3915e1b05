using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

/// <summary>What reading a body costs where nothing has to be waited for: it is on the way of every call.</summary>
public sealed class BodyReadingTests
{
    [Fact]
    public void What_has_arrived_is_read_without_a_wait_and_without_an_allocation()
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new ArrivedBody());
        using var exchange = new Reading(http);

        // The first rounds compile what they run.
        var allocated = 0L;
        for (var round = 0; round < 100; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var isThere = exchange.Read(out var read) is null && read.IsCompletedSuccessfully;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(isThere);
        }

        Assert.Equal(0, allocated);
    }

    private sealed class Reading(HttpContext http) : Exchange(http, s_method, s_surroundings)
    {
        private static readonly Method s_method =
            MethodTable.Of(new FakeHandlers().ToHandlers(), () => true, TimeProvider.System).Find(Settle)!;

        private static readonly Surroundings s_surroundings = new(
            _ => Caller.Local, TimeProvider.System, NullLogger.Instance,
            new Admission(new AdmissionBounds(), TimeProvider.System, () => TimeSpan.Zero), AuditHook.None,
            CancellationToken.None);

        public Failure? Read(out ValueTask<ReadResult> read) => ReadBody(out read);

        public override ValueTask<Inbound> ReadOnlyAsync() => default;

        public override ValueTask<Inbound> ReadNextAsync() => default;

        protected override Failure? CheckHeaders(out TimeSpan? timeout)
        {
            timeout = null;
            return null;
        }

        protected override void WriteMessage(IMessage response, byte[]? json)
        {
        }

        protected override void WriteEnd()
        {
        }

        protected override void WriteFailure(Failure failure)
        {
        }
    }

    /// <summary>A body of which a byte is always there.</summary>
    private sealed class ArrivedBody : PipeReader, IRequestBodyPipeFeature
    {
        private readonly ReadOnlySequence<byte> _byte = new(new byte[1]);

        public PipeReader Reader => this;

        public override bool TryRead(out ReadResult result)
        {
            result = new ReadResult(_byte, isCanceled: false, isCompleted: false);
            return true;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("There is something to read.");

        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
