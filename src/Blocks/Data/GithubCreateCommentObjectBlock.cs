using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("b7d5e4f2-8c3a-4e6b-9f1d-7a8b9c5e4d3f", "Builds a review-comment object; no API call.", "DEVELOPER_TOOLS")]
internal sealed class GithubCreateCommentObjectBlock : PureBlock<GithubCreateCommentObjectBlock.Input, GithubCreateCommentObjectBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.CommentObject), JsonValues.Object(Members(input)))];

    private static IEnumerable<KeyValuePair<string, JsonElement>> Members(Input input)
    {
        yield return new("path", JsonValues.From(input.Path));
        yield return new("body", JsonValues.From(input.Body));
        // GitHub's review endpoint takes a position; the line stands in for it.
        if ((input.Position ?? input.Line) is { } position) yield return new("position", JsonValues.From(position));
        // RIGHT is GitHub's default.
        if (input.Side is { Length: > 0 } side && side != "RIGHT") yield return new("side", JsonValues.From(side));
        if (input.StartLine is { } startLine) yield return new("start_line", JsonValues.From(startLine));
        if (input.StartSide is { Length: > 0 } startSide) yield return new("start_side", JsonValues.From(startSide));
    }

    internal sealed record Input
    {
        public required string Path { get; init; }

        public required string Body { get; init; }

        public long? Position { get; init; }

        public long? Line { get; init; }

        public string? Side { get; init; } = "RIGHT";

        public long? StartLine { get; init; }

        public string? StartSide { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement CommentObject { get; init; }
    }
}
