namespace SettlementGrid.Api;

/// <summary>A response or a refusal, exactly one of them. Both convert to it by themselves.</summary>
public readonly struct Result<T>
    where T : class
{
    private Result(T? response, WireRefusal? refusal)
    {
        Response = response;
        Refusal = refusal;
    }

    /// <summary>The response; null where refused.</summary>
    public T? Response { get; }

    /// <summary>The refusal; null where there is a response.</summary>
    public WireRefusal? Refusal { get; }

    /// <summary>A response.</summary>
    public static implicit operator Result<T>(T response) => new(response, null);

    /// <summary>A refusal.</summary>
    public static implicit operator Result<T>(WireRefusal refusal) => new(null, refusal);
}
