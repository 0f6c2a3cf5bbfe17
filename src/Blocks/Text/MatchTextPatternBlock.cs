using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Text.Patterns;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("3060088f-6ed9-4928-9ba7-9c92823a7ccd", "Routes data by whether a regex matches the text.", "TEXT")]
internal sealed class MatchTextPatternBlock : PureBlock<MatchTextPatternBlock.Input, MatchTextPatternBlock.Output>
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        // Data that is false in Python, such as 0 or an empty text, is replaced by the text.
        var data = Truth.IsTruthy(input.Data) ? input.Data : input.Text;
        return [Emit(IsMatch(input) ? nameof(Output.Positive) : nameof(Output.Negative), data)];
    }

    private static bool IsMatch(Input input)
    {
        var flags = (input.CaseSensitive ? PatternFlags.None : PatternFlags.IgnoreCase) | (input.DotAll ? PatternFlags.DotAll : PatternFlags.None);
        var text = input.Text.ValueKind == JsonValueKind.String ? input.Text.GetString()! : JsonValues.Compact(input.Text);
        try
        {
            return PythonPattern.Parse(input.Match, flags).FindAll(new CodePointText(text), TimeLimit).Any();
        }
        catch (PatternLimitException e)
        {
            throw new BlockException($"The pattern in 'match' was given up: {e.Message}. A pattern without repetitions inside of repetitions takes less", e);
        }
    }

    internal sealed record Input
    {
        public required JsonElement Text { get; init; }

        public required string Match { get; init; }

        public required JsonElement Data { get; init; }

        public bool CaseSensitive { get; init; } = true;

        public bool DotAll { get; init; } = true;
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement Positive { get; init; }

        public required JsonElement Negative { get; init; }
    }
}
