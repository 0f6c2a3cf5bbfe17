using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Text.Patterns;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("3146e4fe-2cdd-4f29-bd12-0c9d5bb4deb0", "Pulls regex matches out of text.", "TEXT", EmitsSeveral = true)]
internal sealed class ExtractTextInformationBlock : PureBlock<ExtractTextInformationBlock.Input, ExtractTextInformationBlock.Output>
{
    // Lengths count code points.
    private const int MaxTextLength = 1_000_000;
    private const int MaxMatches = 1_000;
    private const int MaxMatchLength = 10_000;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var found = Find(input);
        foreach (var match in found) yield return Emit(nameof(Output.Positive), match);
        if (found.Count == 0) yield return Emit(nameof(Output.Negative), input.Text);
        yield return Emit(nameof(Output.MatchedResults), JsonValues.Array(found.Select(JsonValues.From)));
        yield return Emit(nameof(Output.MatchedCount), found.Count);
    }

    // A pattern that Python refuses, a group that took no part and a passed limit all count as no match.
    private static List<string> Find(Input input)
    {
        var flags = (input.CaseSensitive ? PatternFlags.None : PatternFlags.IgnoreCase) | (input.DotAll ? PatternFlags.DotAll : PatternFlags.None);
        try
        {
            return input.Group < 0 ? [] : Find(PythonPattern.Parse(input.Pattern, flags), input) ?? [];
        }
        catch (Exception e) when (e is PatternException or PatternLimitException)
        {
            return [];
        }
    }

    private static List<string>? Find(PythonPattern pattern, Input input)
    {
        if (input.Group > pattern.Groups) return null;
        var text = new CodePointText(input.Text.ValueKind == JsonValueKind.String ? input.Text.GetString()! : JsonValues.Compact(input.Text), MaxTextLength);
        var found = new List<string>();
        foreach (var match in pattern.FindAll(text, TimeLimit).Take(input.FindAll ? MaxMatches : 1))
        {
            if (match.Group((int)input.Group) is not { } group) return null;
            found.Add(text.Text(group.Start, Math.Min(group.End - group.Start, MaxMatchLength)));
        }

        return found;
    }

    internal sealed record Input
    {
        public required JsonElement Text { get; init; }

        public required string Pattern { get; init; }

        public long Group { get; init; }

        public bool CaseSensitive { get; init; } = true;

        public bool DotAll { get; init; } = true;

        public bool FindAll { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Positive { get; init; }

        public required string Negative { get; init; }

        public required IReadOnlyList<string> MatchedResults { get; init; }

        public required long MatchedCount { get; init; }
    }
}
