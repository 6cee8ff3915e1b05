namespace SettlementGrid.Server.FundsView;

/// <summary>The server refused, or there is none. The message is for a person.</summary>
public sealed class FundsRefusedException : Exception
{
    private const string Unreachable = "NO_SERVER";

    public FundsRefusedException(string reason, string message)
        : base(message) => Reason = reason;

    public FundsRefusedException()
        : this("", "")
    {
    }

    public FundsRefusedException(string message)
        : this("", message)
    {
    }

    public FundsRefusedException(string message, Exception inner)
        : base(message, inner) => Reason = "";

    /// <summary>A refusal reason of the interface.</summary>
    public string Reason { get; }

    /// <summary>Whether the same may be answered a moment later: the server is away, stopping, full or slow.</summary>
    public bool Passes => Reason is Unreachable or "UNAVAILABLE" or "OVERLOADED" or "DEADLINE_EXCEEDED" or "INTERNAL";

    /// <summary>What the person can do about it; empty where the message says it.</summary>
    public string Advice => Reason switch
    {
        Unreachable => "Is it running? ./grid status, ./grid run; another address with --url. 服务未启动？",
        "UNAUTHENTICATED" => "Give a key with --key or in SETTLEMENTGRID_KEY (./grid key create). 需要密钥",
        "NOT_PERMITTED" => "Name a region of the key's with --region. 请用 --region 指定本辖区",
        "UNIMPLEMENTED" => "This server has no FundService: is it older than this program? 该服务不提供基金查询",
        _ => "",
    };

    public static FundsRefusedException NoServer(Uri server, string why) => new(
        Unreachable, $"No answer from {server.GetLeftPart(UriPartial.Authority)}: {why}");
}
