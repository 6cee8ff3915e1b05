using SettlementGrid.Api.V1;

namespace SettlementGrid.Server.FundsView;

/// <summary>
/// Follows the funds of one region and those under it: a stream that is opened again where it was lost, from the mark
/// it had reached, with pauses that double up to a bound.
/// </summary>
/// <param name="client">Asks.</param>
/// <param name="board">Is told everything.</param>
/// <param name="clock">Paces the pauses.</param>
/// <param name="changed">Told each message when the board has it.</param>
/// <param name="say">Told when the server is lost and found, for where no table shows it.</param>
public sealed class FundsFollowing(
    FundsClient client, FundsBoard board, TimeProvider clock, Action<WatchPositionsResponse> changed,
    Action<string> say)
{
    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="FundsRefusedException">The first opening failed, or asking again will not help.</exception>
    public async Task RunAsync(string regionId, string planId, int year, CancellationToken cancellation)
    {
        long? mark = null;
        var pause = ServerLimits.FundsRetryPause;
        while (true)
        {
            FundsRefusedException? lost = null;
            var heard = false;
            try
            {
                var request = new WatchPositionsRequest
                {
                    RegionId = regionId,
                    PlanId = planId,
                    Year = year,
                    IncludeBelow = true,
                };
                if (mark is { } reached)
                {
                    request.FromLedgerPosition = reached;
                }

                await foreach (var message in client.WatchAsync(request, cancellation))
                {
                    if (pause != ServerLimits.FundsRetryPause)
                    {
                        say($"{regionId}: connected again from mark {mark} 已重新连接");
                    }

                    board.Take(regionId, message.Positions, message.LedgerPosition, isFirst: mark is null);
                    mark = message.More ? mark : message.LedgerPosition;
                    (heard, pause) = (true, ServerLimits.FundsRetryPause);
                    changed(message);
                }
            }
            catch (FundsRefusedException refused) when (refused.Reason == "POSITION_UNKNOWN" && mark is not null)
            {
                // Another ledger answers there now; what was seen belongs to the one before.
                board.Forget(regionId);
                mark = null;
                say($"{regionId}: {refused.Message}; beginning anew 从头开始");
                continue;
            }
            catch (FundsRefusedException refused) when (refused.Passes && mark is not null)
            {
                lost = refused;
            }

            if (lost is null or { Reason: "DEADLINE_EXCEEDED" } && heard)
            {
                // Streams end after their time; nothing is amiss.
                continue;
            }

            var why = lost?.Message ?? "the stream ended";
            board.Lost(regionId, why);
            if (pause == ServerLimits.FundsRetryPause)
            {
                say($"{regionId}: {why}; connecting again 连接中断，正在重连");
            }

            await Task.Delay(pause, clock, cancellation);
            pause = pause * 2 < ServerLimits.FundsRetryPauseMax ? pause * 2 : ServerLimits.FundsRetryPauseMax;
        }
    }
}
