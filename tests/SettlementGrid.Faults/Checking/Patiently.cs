using System.Diagnostics;
using Google.Protobuf;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Faults.Checking;

/// <summary>Asks until there is an answer, as the interface allows for every call that changes nothing.</summary>
static class Patiently
{
    public static async Task<GrpcAnswer<TResponse>> AskAsync<TResponse>(
        GrpcConnection connection, GrpcMethod<TResponse> method, IMessage request,
        CancellationToken cancellation = default)
        where TResponse : class, IMessage<TResponse>
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await OnceAsync(connection, method, request, cancellation);
            if (!Habits.SendsAgain(answer.Status) || Stopwatch.GetElapsedTime(since) > FaultLimits.AnswerMax)
                return answer;
            await Task.Delay(FaultLimits.ReadBackEvery, cancellation);
        }
    }

    static async Task<GrpcAnswer<TResponse>> OnceAsync<TResponse>(
        GrpcConnection connection, GrpcMethod<TResponse> method, IMessage request, CancellationToken cancellation)
        where TResponse : class, IMessage<TResponse>
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(FaultLimits.Patience);
        try
        {
            return await connection.CallAsync(method, request, bounded.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new GrpcAnswer<TResponse>(null, null, null, "no answer in time");
        }
    }
}
