using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("a912d5c7-6e00-4542-b2a9-8034136930e4", "Makes a list, optionally emitted in chunks.", "DATA", EmitsSeveral = true)]
internal sealed class CreateListBlock : PureBlock<CreateListBlock.Input, CreateListBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var chunk = new List<JsonElement>();
        var tokens = 0L;
        foreach (var value in input.Values)
        {
            var added = input.MaxTokens is null ? 0 : TokensOf(value);
            if (chunk.Count > 0 && (IsReached(chunk.Count + 1, input.MaxSize) || IsReached(tokens + added, input.MaxTokens)))
            {
                yield return Emit(nameof(Output.List), JsonValues.Array(chunk));
                chunk.Clear();
                tokens = 0;
            }

            chunk.Add(value);
            tokens += added;
        }

        if (chunk.Count > 0 || input.Values.Count == 0) yield return Emit(nameof(Output.List), JsonValues.Array(chunk));
    }

    // 0 means no limit.
    private static bool IsReached(long size, long? limit) => limit is { } most && most != 0 && size > most;

    private static int TokensOf(JsonElement value) => TokenCount.Of(value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonValues.Compact(value));

    internal sealed record Input
    {
        public required IReadOnlyList<JsonElement> Values { get; init; }

        public long? MaxSize { get; init; }

        public long? MaxTokens { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array")]
        public required JsonElement List { get; init; }
    }
}
