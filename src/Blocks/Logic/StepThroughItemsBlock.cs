using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Logic;

[Block("f66a3543-28d3-4ab5-8945-9b336371e2ce", "Emits list or object members one by one.", "LOGIC", EmitsSeveral = true)]
internal sealed class StepThroughItemsBlock : PureBlock<StepThroughItemsBlock.Input, StepThroughItemsBlock.Output>
{
    private const int MaxItems = 10_000;

    // Code points.
    private const int MaxTextLength = 1_048_576;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        foreach (var source in Sources(input))
        {
            foreach (var (item, key) in Step(source))
            {
                yield return Emit(nameof(Output.Item), item);
                yield return Emit(nameof(Output.Key), key);
            }
        }
    }

    // An invalid items_str fails only after the members of the other sources have been emitted.
    private static IEnumerable<JsonElement> Sources(Input input)
    {
        yield return input.Items;
        yield return input.ItemsObject;
        if (input.ItemsStr.Length > 0) yield return Read(input.ItemsStr);
    }

    private static JsonElement Read(string text)
    {
        if (text.Length > MaxTextLength && text.EnumerateRunes().Count() is var length and > MaxTextLength)
            throw new BlockException($"Input too large: {length} > {MaxTextLength} characters");
        return JsonValues.TryParse(text, out var value) ? value : throw new BlockException("items_str is not valid JSON");
    }

    private static IEnumerable<(JsonElement Item, JsonElement Key)> Step(JsonElement source)
    {
        switch (source.ValueKind)
        {
            case JsonValueKind.Object:
                CheckCount(source.GetPropertyCount());
                return source.EnumerateObject().Select(m => (m.Value, JsonValues.From(m.Name)));
            case JsonValueKind.Array:
                CheckCount(source.GetArrayLength());
                return source.EnumerateArray().Select((e, i) => (e, JsonValues.From(i)));
            case JsonValueKind.String:
                var characters = source.GetString()!.EnumerateRunes().Select(r => r.ToString()).ToList();
                CheckCount(characters.Count);
                return characters.Select((c, i) => (JsonValues.From(c), JsonValues.From(i)));
            default:
                throw new InvalidOperationException($"'{PythonText.TypeName(source)}' object is not iterable");
        }
    }

    private static void CheckCount(int count)
    {
        if (count > MaxItems) throw new BlockException($"Too many items: {count} > {MaxItems}");
    }

    internal sealed record Input
    {
        [Pin(Type = "array", Advanced = false)]
        public JsonElement Items { get; init; } = JsonValues.EmptyArray;

        [Pin(Type = "object", Advanced = false)]
        public JsonElement ItemsObject { get; init; } = JsonValues.EmptyObject;

        [Pin(Advanced = false)]
        public string ItemsStr { get; init; } = "";
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement Item { get; init; }

        public required JsonElement Key { get; init; }
    }
}
