using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Writes JSON text in the two forms that the contract shows to users.</summary>
internal static class JsonText
{
    /// <summary>The form of the text.</summary>
    public enum Style
    {
        /// <summary>No white space, non-ASCII as it is, numbers as they were written.</summary>
        Compact,

        /// <summary>", " and ": " between parts, non-ASCII escaped, floats in their shortest form.</summary>
        Spaced,
    }

    public static string Write(JsonElement value, Style style)
    {
        var text = new StringBuilder();
        Append(text, value, style);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value, Style style)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                var first = true;
                foreach (var member in value.EnumerateObject())
                {
                    if (!first) text.Append(style == Style.Spaced ? ", " : ",");
                    first = false;
                    AppendText(text, member.Name, style);
                    text.Append(style == Style.Spaced ? ": " : ":");
                    Append(text, member.Value, style);
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var index = 0;
                foreach (var element in value.EnumerateArray())
                {
                    if (index++ > 0) text.Append(style == Style.Spaced ? ", " : ",");
                    Append(text, element, style);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendText(text, value.GetString()!, style);
                break;
            case JsonValueKind.Number:
                text.Append(style == Style.Spaced ? PythonText.Number(value) : Encoding.ASCII.GetString(JsonMarshal.GetRawUtf8Value(value)));
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void AppendText(StringBuilder text, string value, Style style)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                default:
                    if (c < ' ' || (style == Style.Spaced && c > '~' && c != '\u007F')) text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    else text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }
}
