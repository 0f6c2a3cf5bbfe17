using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Text;

[Block("e30a4d42-7b7d-4e6a-b36e-1f9b8e3b7d85", "Joins texts with a delimiter.", "TEXT")]
internal sealed class CombineTextsBlock : PureBlock<CombineTextsBlock.Inputs, CombineTextsBlock.Outputs>
{
    protected override IEnumerable<BlockOutput> Run(Inputs input, ComputationContext context)
    {
        var budget = new OutputBudget();
        budget.Take(input.Delimiter.Length, Math.Max(input.Input.Count - 1, 0));
        foreach (var text in input.Input) budget.Take(text.Length);
        return [Emit(nameof(Outputs.Output), string.Join(input.Delimiter, input.Input))];
    }

    internal sealed record Inputs
    {
        public required IReadOnlyList<string> Input { get; init; }

        public string Delimiter { get; init; } = "";
    }

    internal sealed record Outputs : BlockResult
    {
        public required string Output { get; init; }
    }
}
