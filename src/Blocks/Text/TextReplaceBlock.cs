using System.Text;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Text;

[Block("7e7c87ab-3469-4bcc-9abe-67705091b713", "Replaces every literal occurrence in text.", "TEXT")]
internal sealed class TextReplaceBlock : PureBlock<TextReplaceBlock.Input, TextReplaceBlock.Outputs>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        [Emit(nameof(Outputs.Output), input.Old.Length == 0 ? Interspersed(input.Text, input.New) : Replaced(input.Text, input.Old, input.New))];

    private static string Replaced(string text, string old, string replacement)
    {
        var count = 0L;
        for (var at = text.IndexOf(old, StringComparison.Ordinal); at >= 0; at = text.IndexOf(old, at + old.Length, StringComparison.Ordinal)) count++;
        var budget = new OutputBudget();
        budget.Take(text.Length - (count * old.Length));
        budget.Take(replacement.Length, count);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }

    // As Python's str.replace with an empty text to replace: before, between and behind all code points.
    private static string Interspersed(string text, string added)
    {
        var budget = new OutputBudget();
        budget.Take(text.Length);
        budget.Take(added.Length, text.Length + 1L);
        var result = new StringBuilder(added);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune.ToString()).Append(added);
        return result.ToString();
    }

    internal sealed record Input
    {
        public required string Text { get; init; }

        public required string Old { get; init; }

        public required string New { get; init; }
    }

    internal sealed record Outputs : BlockResult
    {
        public required string Output { get; init; }
    }
}
