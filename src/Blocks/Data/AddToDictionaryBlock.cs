using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("31d1064e-7446-4693-a7d4-65e5ca1180d1", "Adds one or many entries to an object.", "BASIC")]
internal sealed class AddToDictionaryBlock : PureBlock<AddToDictionaryBlock.Input, AddToDictionaryBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var members = Members(input.Dictionary);
        if (!input.Value.IsNull() && input.Key.Length > 0) members = members.Append(KeyValuePair.Create(input.Key, input.Value));
        return [Emit(nameof(Output.UpdatedDictionary), JsonValues.Object(members.Concat(Members(input.Entries))))];
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>> Members(JsonElement value) => value.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value));

    internal sealed record Input
    {
        [Pin(Type = "object", Advanced = false)]
        public JsonElement Dictionary { get; init; } = JsonValues.EmptyObject;

        [Pin(Advanced = false)]
        public string Key { get; init; } = "";

        [Pin(Advanced = false)]
        public JsonElement Value { get; init; }

        [Pin(Type = "object")]
        public JsonElement Entries { get; init; } = JsonValues.EmptyObject;
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement UpdatedDictionary { get; init; }
    }
}
