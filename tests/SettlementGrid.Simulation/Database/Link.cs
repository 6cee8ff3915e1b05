using SettlementGrid.Simulation.World;

namespace SettlementGrid.Simulation.Database;

/// <summary>Where in a commit a server may fall.</summary>
enum CrashPoint
{
    /// <summary>Nothing was sent.</summary>
    BeforeSend,

    /// <summary>The database has the whole request and works on it.</summary>
    AfterSend,

    /// <summary>The commit is stored, its reply on the way.</summary>
    AfterCommit,

    /// <summary>The server knows, its callers do not.</summary>
    BeforeAnswer,
}

/// <summary>
/// One server's network to the database, as bad as networks are: requests and replies take time (so that persons
/// overtake each other), are lost, come late; the database refuses, hangs, restarts. After <see cref="Cut"/> (the
/// server crashed) nothing is ever answered, but what was on its way may still be carried out.
/// </summary>
sealed class Link(SimulatedDatabase database, SimulatedThread thread, string server)
{
    bool _cut;
    (CrashPoint Point, Action Crash)? _armed;

    /// <summary>Share of requests that go wrong; 0 from the moment the world heals.</summary>
    public double FaultRate { get; set; }

    static Task Never => new TaskCompletionSource().Task;

    public void Cut() => _cut = true;

    /// <summary>The next commit to come to that point takes the server down with it.</summary>
    public void Arm(CrashPoint point, Action crash) => _armed = (point, crash);

    /// <summary>A connection; gives the database's epoch, at which it was made.</summary>
    public Task<int> Connect() => Ask(() => database.Epoch);

    /// <summary>A reading: answered from one moment, or not at all.</summary>
    public Task<T> Ask<T>(Func<T> look) => Ask(() => Task.FromResult(look()));

    /// <summary>A question that may be repeated freely.</summary>
    public async Task<T> Ask<T>(Func<Task<T>> look)
    {
        await Travel();
        if (_cut)
            await Never;
        if (!database.IsUp || thread.Chance(FaultRate))
        {
            if (database.IsUp && thread.Chance(0.1))
            {
                Say("a question is swallowed, and nobody is told");
                thread.Count(Happening.QuestionSwallowed);
                await thread.Delay(SimulationLimits.SwallowedMilliseconds);
            }
            else
            {
                thread.Count(Happening.QuestionLost);
            }
            await Travel();
            if (_cut)
                await Never;
            throw SqlErrors.Lost();
        }
        return await Answered(look);
    }

    /// <summary>A commit on a connection of that epoch.</summary>
    public async Task<T> Send<T>(Func<Task<T>> run, int epoch)
    {
        if (Crashes(CrashPoint.BeforeSend))
            await Never;
        await Travel();
        if (_cut)
        {
            // Its bytes were on their way when the server fell, or were not.
            if (thread.Chance(0.5))
            {
                thread.Count(Happening.CommitOfTheDead);
                _ = Unheard(run, 0);
            }
            await Never;
        }
        if (epoch != database.Epoch || !database.IsUp)
            throw SqlErrors.Lost();
        if (thread.Chance(FaultRate))
            return await Disturbed(run);
        if (Crashes(CrashPoint.AfterSend))
        {
            _ = Unheard(run, 0);
            await Never;
        }
        var answered = await Answered(async () =>
        {
            var reply = await run();
            if (Crashes(CrashPoint.AfterCommit))
                await Never;
            // A crash of the database meanwhile is known by the connection's end.
            return epoch == database.Epoch ? reply : throw SqlErrors.Gone();
        });
        Crashes(CrashPoint.BeforeAnswer);
        return answered;
    }

    bool Crashes(CrashPoint point)
    {
        if (_armed is not var (at, crash) || at != point || _cut)
            return false;
        _armed = null;
        Say($"falls at a commit: {point}");
        thread.Count(Happening.CrashBeforeSend + (int)point);
        crash();
        return true;
    }

    async Task<T> Disturbed<T>(Func<Task<T>> run)
    {
        switch (thread.Random.Next(6))
        {
            case 0:
                Say("a commit's request is lost");
                thread.Count(Happening.RequestLost);
                break;
            case 1:
                Say("a commit's connection breaks; its request arrives late");
                thread.Count(Happening.RequestLate);
                _ = Unheard(run, thread.Random.Next(10_000));
                break;
            case 2:
                Say("a commit's connection breaks while it runs");
                thread.Count(Happening.ReplyLost);
                _ = Unheard(run, 0);
                break;
            case 3:
                Say("a commit's reply is lost");
                thread.Count(Happening.ReplyLost);
                await Unheard(run, 0);
                break;
            case 4:
                Say("the database hangs over a commit");
                thread.Count(Happening.Hang);
                await thread.Delay(thread.Random.Next(8_000, 35_000));
                _ = Unheard(run, thread.Random.Next(2_000));
                break;
            default:
                Say("the database refuses a commit: disk full");
                thread.Count(Happening.Refused);
                return await Answered<T>(() => throw SqlErrors.Of("53100"));
        }
        await Travel();
        if (_cut)
            await Never;
        throw SqlErrors.Lost();
    }

    /// <summary>The reply of what came through, unless the server fell meanwhile: the dead hear nothing.</summary>
    async Task<T> Answered<T>(Func<Task<T>> run)
    {
        T reply;
        try
        {
            reply = await run();
        }
        catch (Npgsql.NpgsqlException)
        {
            await Travel();
            if (_cut)
                await Never;
            throw;
        }
        await Travel();
        if (_cut)
            await Never;
        return reply;
    }

    /// <summary>Carried out, and nobody hears how it ended.</summary>
    async Task Unheard<T>(Func<Task<T>> run, int afterMilliseconds)
    {
        try
        {
            if (afterMilliseconds > 0)
                await thread.Delay(afterMilliseconds);
            if (database.IsUp)
                await run();
        }
        catch (Npgsql.NpgsqlException)
        {
            // Its sender asks the resolver.
        }
    }

    Task Travel() => thread.Delay(
        thread.Chance(FaultRate / 2) ? thread.Random.Next(1_000) : thread.Random.Next(4));

    void Say(string what)
    {
        if (thread.IsTold)
            thread.Say($"{server}: {what}");
    }
}
