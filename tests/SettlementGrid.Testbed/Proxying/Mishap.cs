namespace SettlementGrid.Testbed.Proxying;

/// <summary>What the proxy does to one message from a client.</summary>
public enum Mishap
{
    None = 0,

    /// <summary>Passes it on, waits until the server has answered, throws the answer away and cuts the line.</summary>
    LoseReply,

    /// <summary>Cuts the line without passing it on.</summary>
    LoseRequest,

    /// <summary>Passes it on and cuts the client's side at once; the server is still at work.</summary>
    CutWhileAtWork,

    /// <summary>Passes it on; from then on nothing passes on this line, and neither side is told.</summary>
    FallSilent,
}
