using SettlementGrid.Api.Messages;
using SettlementGrid.Enrollees;
using SettlementGrid.Enrollees.Simulating;

namespace SettlementGrid.Api.Methods;

/// <summary>PlanService.Simulate: progress at a bounded rate, then the outcome.</summary>
sealed class SimulationMethods(YearSimulation simulation, TimeProvider clock)
{
    int _running;

    public async ValueTask<WireRefusal?> Simulate(
        V1.SimulateRequest message, Call call, Func<V1.SimulateResponse, ValueTask> write)
    {
        var stated = message.RegionId;
        var refusal = RequestChecks.CheckYear(message.Year)
            ?? (stated.Length == 0 ? null : RequestChecks.CheckRegion(stated) ?? Refusing.UnlessWithin(call, stated));
        if (refusal is not null)
            return Refusing.With(refusal);
        var (plan, invalid) = PlanText.Read(message.Text);
        if (plan is null)
            return Refusing.With(invalid!);
        var region = stated.Length == 0 ? plan.Region : stated;
        if (Refusing.UnlessWithin(call, region) is { } outside)
            return Refusing.With(outside);
        if (Interlocked.Increment(ref _running) > ApiLimits.SimulationsMax)
        {
            Interlocked.Decrement(ref _running);
            return Refusing.With(Refusals.Overloaded(
                "正在进行的测算过多，请稍后重试", "Too many simulations are running; try again shortly"));
        }
        try
        {
            return await Run(plan, message.Year, region, call, write);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    async ValueTask<WireRefusal?> Run(
        Plans.Plan plan, int year, string region, Call call, Func<V1.SimulateResponse, ValueTask> write)
    {
        long? last = null;
        var (outcome, refusal) = await simulation.Run(plan, year, region, Report, call.Cancelled);
        if (outcome is null)
            return Refusing.With(refusal!);
        await write(new V1.SimulateResponse { Outcome = SimulationWriting.Message(outcome) });
        return null;

        async ValueTask Report(SimulationProgress progress)
        {
            if (last is { } then && clock.GetElapsedTime(then) < ApiLimits.ProgressPeriod)
                return;
            last = clock.GetTimestamp();
            await write(new V1.SimulateResponse { Progress = SimulationWriting.Message(progress) });
        }
    }
}
