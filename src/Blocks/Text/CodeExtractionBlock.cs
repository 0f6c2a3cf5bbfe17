using System.Collections.Frozen;
using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("d3a7d896-3b78-4f44-8b4b-48fbf4f0bcd8", "Collects fenced code per language from text.", "TEXT")]
internal sealed class CodeExtractionBlock : PureBlock<CodeExtractionBlock.Input, CodeExtractionBlock.Output>
{
    private const string Fence = "```";

    // In the order of the outputs, and the aliases in the order in which their code is joined (contract: block-tiers, Code Extraction).
    private static readonly (string Pin, string[] Aliases)[] Languages =
    [
        (nameof(Output.Html), ["html", "htm"]),
        (nameof(Output.Css), ["css"]),
        (nameof(Output.Javascript), ["javascript", "js"]),
        (nameof(Output.Python), ["python", "py"]),
        (nameof(Output.Sql), ["sql"]),
        (nameof(Output.Java), ["java"]),
        (nameof(Output.Cpp), ["cpp", "c++"]),
        (nameof(Output.Csharp), ["csharp", "c#", "cs"]),
        (nameof(Output.JsonCode), ["json"]),
        (nameof(Output.Bash), ["bash", "shell", "sh"]),
        (nameof(Output.Php), ["php"]),
        (nameof(Output.Ruby), ["ruby", "rb"]),
        (nameof(Output.Yaml), ["yaml", "yml"]),
        (nameof(Output.Markdown), ["markdown", "md"]),
        (nameof(Output.Typescript), ["typescript", "ts"]),
        (nameof(Output.Xml), ["xml"]),
    ];

    private static readonly FrozenSet<string> AllAliases = Languages.SelectMany(language => language.Aliases).ToFrozenSet(StringComparer.Ordinal);

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        foreach (var (pin, aliases) in Languages)
        {
            var code = string.Join("\n\n", aliases.Select(alias => CodeOf(input.Text, alias)).Where(found => found.Length > 0));
            if (code.Length > 0) yield return Emit(pin, code);
        }

        var rest = WithoutBlankLines(PythonText.Strip(WithoutCode(input.Text)));
        if (rest.Length > 0) yield return Emit(nameof(Output.RemainingText), rest);
    }

    // The tag is compared without regard to case, and the closing fence stands at the beginning of a line.
    private static string CodeOf(string text, string alias)
    {
        var blocks = new List<string>();
        var at = 0;
        while (NextFence(text, at) is var fence and >= 0)
        {
            at = fence + 1;
            var tag = fence + Fence.Length;
            if (!text.AsSpan(tag).StartsWith(alias, StringComparison.OrdinalIgnoreCase) || EndOfLine(text, tag + alias.Length) is not { } body) continue;
            var end = text.IndexOf("\n" + Fence, body, StringComparison.Ordinal);
            // Where one block does not end, no later one ends either.
            if (end < 0) break;
            blocks.Add(PythonText.Strip(text[body..end]));
            at = end + 1 + Fence.Length;
        }

        return string.Join("\n\n", blocks);
    }

    // Removes the blocks of all languages. The tag is compared with regard to case, and the closing fence may stand anywhere.
    private static string WithoutCode(string text)
    {
        var rest = new StringBuilder(text.Length);
        var (at, kept) = (0, 0);
        while (NextFence(text, at) is var fence and >= 0)
        {
            at = fence + 1;
            if (TaggedBody(text, fence + Fence.Length) is not { } body) continue;
            var end = text.IndexOf(Fence, body, StringComparison.Ordinal);
            if (end < 0) break;
            rest.Append(text, kept, fence - kept);
            at = kept = end + Fence.Length;
        }

        return rest.Append(text, kept, text.Length - kept).ToString();
    }

    private static int NextFence(string text, int at) => at > text.Length ? -1 : text.IndexOf(Fence, at, StringComparison.Ordinal);

    // Where the code behind a tag of a known language begins; null for another tag.
    private static int? TaggedBody(string text, int tag)
    {
        const int LongestAlias = 10;
        var end = tag;
        while (end < text.Length && end - tag <= LongestAlias && text[end] is not (' ' or '\t' or '\n')) end++;
        return AllAliases.Contains(text[tag..end]) ? EndOfLine(text, end) : null;
    }

    // The position behind the line break, when only blanks stand before it.
    private static int? EndOfLine(string text, int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t') at++;
        return at < text.Length && text[at] == '\n' ? at + 1 : null;
    }

    // A line break, white space and a line break become one line break.
    private static string WithoutBlankLines(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            result.Append(text[at]);
            if (text[at++] != '\n') continue;
            var (end, last) = (at, at);
            for (; end < text.Length && PythonCharacters.IsSpace(text[end]); end++)
                if (text[end] == '\n') last = end + 1;
            at = last;
        }

        return result.ToString();
    }

    internal sealed record Input
    {
        public required string Text { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Html { get; init; }

        public required string Css { get; init; }

        public required string Javascript { get; init; }

        public required string Python { get; init; }

        public required string Sql { get; init; }

        public required string Java { get; init; }

        public required string Cpp { get; init; }

        public required string Csharp { get; init; }

        public required string JsonCode { get; init; }

        public required string Bash { get; init; }

        public required string Php { get; init; }

        public required string Ruby { get; init; }

        public required string Yaml { get; init; }

        public required string Markdown { get; init; }

        public required string Typescript { get; init; }

        public required string Xml { get; init; }

        public required string RemainingText { get; init; }
    }
}
