using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("d5ea33c8-a575-477a-b42f-2fe3be5055ec", "Splits text at a delimiter.", "TEXT")]
internal sealed class TextSplitBlock : PureBlock<TextSplitBlock.Input, TextSplitBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [EmitObject(nameof(Output.Texts), Split(input))];

    private static List<string> Split(Input input)
    {
        if (input.Text.Length == 0) return [];
        if (input.Delimiter.Length == 0) throw new BlockException("empty separator");
        var texts = new List<string>();
        var budget = new OutputBudget();
        for (var start = 0; start >= 0;)
        {
            var end = input.Text.IndexOf(input.Delimiter, start, StringComparison.Ordinal);
            var part = end < 0 ? input.Text[start..] : input.Text[start..end];
            if (input.Strip) part = PythonText.Strip(part);
            // Each part gets two quotes and a comma.
            budget.Take(part.Length + 3);
            texts.Add(part);
            start = end < 0 ? end : end + input.Delimiter.Length;
        }

        return texts;
    }

    internal sealed record Input
    {
        public required string Text { get; init; }

        public required string Delimiter { get; init; }

        public bool Strip { get; init; } = true;
    }

    internal sealed record Output : BlockResult
    {
        public required IReadOnlyList<string> Texts { get; init; }
    }
}
