namespace SettlementGrid.Server.Composition;

/// <summary>
/// Whether this server may be asked: what /healthz and gRPC's health service answer from. Set by the start, the
/// commit watch and the stop; read by anyone.
/// </summary>
public sealed class Readiness
{
    private volatile string _state = "starting";

    /// <summary>True from the first moment a settlement can be committed until the stop begins, with gaps while
    /// commits do not get through.</summary>
    public bool IsReady => _state == "ready";

    /// <summary>`ready`, `starting`, `cannot commit` or `stopping`.</summary>
    public string State => _state;

    public void Ready() => Move("ready");

    public void CannotCommit() => Move("cannot commit");

    /// <summary>For good: nothing makes a stopping server ready again.</summary>
    public void Stopping() => _state = "stopping";

    private void Move(string state)
    {
        if (_state != "stopping")
        {
            _state = state;
        }
    }
}
