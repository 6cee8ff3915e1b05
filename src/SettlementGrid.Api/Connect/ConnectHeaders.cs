using Microsoft.AspNetCore.Http;

namespace SettlementGrid.Api;

/// <summary>The request headers of the Connect protocol that unary calls and streams have in common.</summary>
internal static class ConnectHeaders
{
    public static Failure? Check(IHeaderDictionary headers, string encodingHeader, out TimeSpan? timeout)
    {
        timeout = null;
        var version = headers["connect-protocol-version"];
        if (version.Count > 0 && version != "1")
        {
            return Failure.Malformed(
                "connect-protocol-version 只支持 1。", "The only connect-protocol-version is 1.");
        }

        var encoding = headers[encodingHeader];
        if (encoding.Count > 0 && encoding != "identity")
        {
            return Failure.Compressed;
        }

        var stated = headers["connect-timeout-ms"];
        if (stated.Count > 0)
        {
            if (stated.Count > 1 || !Timeouts.TryParseConnect(stated[0], out var parsed))
            {
                return Failure.Malformed("connect-timeout-ms 格式有误。", "connect-timeout-ms is malformed.");
            }

            timeout = parsed;
        }

        return null;
    }
}
