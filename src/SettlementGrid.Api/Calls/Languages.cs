using Microsoft.Extensions.Primitives;

namespace SettlementGrid.Api;

/// <summary>Chooses between the two languages there are.</summary>
internal static class Languages
{
    /// <summary>The first of the header's languages that we speak; Chinese by default.</summary>
    public static Language Of(StringValues acceptLanguage)
    {
        foreach (var value in acceptLanguage)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                var tag = value.AsSpan()[range].Trim();
                if (tag.StartsWith("en", StringComparison.OrdinalIgnoreCase))
                {
                    return Language.English;
                }

                if (tag.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
                {
                    return Language.Chinese;
                }
            }
        }

        return Language.Chinese;
    }
}
