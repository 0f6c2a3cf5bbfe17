using System.Text;

namespace Grainflow.Templates.Values;

/// <summary>Text that is HTML already and is not escaped again.</summary>
/// <param name="Text">The HTML.</param>
internal sealed record Markup(string Text)
{
    /// <summary>The value as HTML: markup as it is, everything else printed and escaped.</summary>
    public static Markup Escape(object value) => value as Markup ?? new Markup(EscapeText(Printer.Text(value)));

    public static string EscapeText(string text)
    {
        if (text.AsSpan().IndexOfAny("&<>'\"") < 0) return text;
        var builder = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => builder.Append("&amp;"),
                '<' => builder.Append("&lt;"),
                '>' => builder.Append("&gt;"),
                '\'' => builder.Append("&#39;"),
                '"' => builder.Append("&#34;"),
                _ => builder.Append(c),
            };
        }

        return builder.ToString();
    }

    public override string ToString() => Text;
}
