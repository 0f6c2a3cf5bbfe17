using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("0e50422c-6dee-4145-83d6-3a5a392f65de", "Looks up a key or index in object, list or JSON text.", "BASIC")]
internal sealed class FindInDictionaryBlock : PureBlock<FindInDictionaryBlock.Inputs, FindInDictionaryBlock.Outputs>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Inputs input, ComputationContext context)
    {
        var searched = input.Input;
        if (searched.ValueKind == JsonValueKind.String && !JsonValues.TryParse(searched.GetString(), out searched))
            throw new BlockException("The input is text but not valid JSON");
        return Find(searched, input.Key) is { } found ? [Emit(nameof(Outputs.Output), found)] : [Emit(nameof(Outputs.Missing), input.Input)];
    }

    private static JsonElement? Find(JsonElement searched, JsonElement key) => (searched.ValueKind, key.ValueKind) switch
    {
        (JsonValueKind.Object, JsonValueKind.String) => searched.Member(key.GetString()!),
        (JsonValueKind.Array, JsonValueKind.String) => Pluck(searched, key.GetString()!),
        (JsonValueKind.Array, JsonValueKind.Number) => key.GetDouble() is var index && index >= 0 && index < searched.GetArrayLength() ? searched[(int)index] : null,
        _ => null,
    };

    // When the first element does not have the key, the result is empty, whatever the others have.
    private static JsonElement Pluck(JsonElement list, string key)
    {
        if (list.GetArrayLength() == 0 || list[0].Member(key) is null) return JsonValues.EmptyArray;
        return JsonValues.Array(list.EnumerateArray().Select(e => e.Member(key)).OfType<JsonElement>());
    }

    internal sealed record Inputs
    {
        public required JsonElement Input { get; init; }

        [Pin(Type = "string|integer")]
        public required JsonElement Key { get; init; }
    }

    internal sealed record Outputs : BlockResult
    {
        public required JsonElement Output { get; init; }

        public required JsonElement Missing { get; init; }
    }
}
