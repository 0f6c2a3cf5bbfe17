using System.Globalization;

namespace Orleans.Runtime;

/// <summary>The text form of typed keys: a Guid is 32 hexadecimal digits; an extension follows a plus sign.</summary>
internal static class GrainKeys
{
    private const int GuidLength = 32;

    public static IdSpan FromGuid(Guid key) => IdSpan.Create(key.ToString("N"));

    public static bool TryGetGuid(IdSpan key, out Guid value, out string? extension)
    {
        var text = key.ToString();
        extension = null;
        if (text.Length > GuidLength && text[GuidLength] == '+') extension = text[(GuidLength + 1)..];
        else if (text.Length != GuidLength)
        {
            value = default;
            return false;
        }

        return Guid.TryParseExact(text.AsSpan(0, GuidLength), "N", out value);
    }

    /// <summary>Whether the text could be an integer key: storage cannot tell the two apart and treats such a text as a number.</summary>
    public static bool TryGetInteger(IdSpan key, out long value, out string? extension)
    {
        var text = key.ToString();
        extension = null;
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        if (plus >= 0)
        {
            extension = text[(plus + 1)..];
            text = text[..plus];
        }

        return long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
