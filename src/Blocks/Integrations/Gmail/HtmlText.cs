using System.Text;
using MimeKit.Text;

namespace Grainflow.Blocks.Integrations.Gmail;

/// <summary>Turns HTML mails into text that is read as it is: paragraphs as lines, links in brackets, without images, styles and scripts.</summary>
internal static class HtmlText
{
    private static readonly HashSet<HtmlTagId> Unread = [HtmlTagId.Head, HtmlTagId.Style, HtmlTagId.Script, HtmlTagId.Title];

    private static readonly HashSet<HtmlTagId> Lines =
    [
        HtmlTagId.P, HtmlTagId.Div, HtmlTagId.TR, HtmlTagId.Table, HtmlTagId.UL, HtmlTagId.OL, HtmlTagId.LI, HtmlTagId.H1, HtmlTagId.H2, HtmlTagId.H3, HtmlTagId.H4, HtmlTagId.H5, HtmlTagId.H6,
        HtmlTagId.BlockQuote, HtmlTagId.Pre, HtmlTagId.Br, HtmlTagId.HR,
    ];

    /// <summary>The text.</summary>
    /// <param name="html">Any HTML, also broken.</param>
    public static string Of(string html)
    {
        var text = new StringBuilder();
        var links = new Stack<string>();
        var unread = 0;
        using var reader = new StringReader(html);
        var tokenizer = new HtmlTokenizer(reader) { DecodeCharacterReferences = true };
        while (tokenizer.ReadNextToken(out var token))
        {
            if (token is HtmlTagToken tag)
            {
                if (Unread.Contains(tag.Id) && !tag.IsEmptyElement) unread = Math.Max(0, unread + (tag.IsEndTag ? -1 : 1));
                else if (tag.Id == HtmlTagId.A) Link(tag, text, links);
                else if (Lines.Contains(tag.Id)) Break(tag, text);
            }
            else if (token is HtmlDataToken data && unread == 0)
            {
                Append(text, data.Data);
            }
        }

        return text.ToString().Trim();
    }

    private static void Break(HtmlTagToken tag, StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ') text.Length--;
        if (text.Length > 0 && text[^1] != '\n') text.Append('\n');
        if (tag is { Id: HtmlTagId.P, IsEndTag: true } && text.Length > 0 && !text.ToString(Math.Max(0, text.Length - 2), Math.Min(2, text.Length)).Equals("\n\n", StringComparison.Ordinal)) text.Append('\n');
        if (tag is { Id: HtmlTagId.LI, IsEndTag: false }) text.Append("* ");
    }

    private static void Link(HtmlTagToken tag, StringBuilder text, Stack<string> links)
    {
        if (!tag.IsEndTag)
        {
            links.Push(tag.Attributes.FirstOrDefault(attribute => attribute.Id == HtmlAttributeId.Href)?.Value ?? "");
            if (links.Peek().Length > 0) text.Append('[');
        }
        else if (links.TryPop(out var address) && address.Length > 0)
        {
            text.Append("](").Append(address).Append(')');
        }
    }

    // Spaces and line feeds of the source are one space.
    private static void Append(StringBuilder text, string data)
    {
        foreach (var character in data)
        {
            if (!char.IsWhiteSpace(character)) text.Append(character);
            else if (text.Length > 0 && text[^1] is not (' ' or '\n')) text.Append(' ');
        }
    }
}
