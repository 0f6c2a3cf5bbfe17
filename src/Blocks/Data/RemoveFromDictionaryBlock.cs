using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("46afe2ea-c613-43f8-95ff-6692c3ef6876", "Deletes a key from an object.", "BASIC")]
internal sealed class RemoveFromDictionaryBlock : PureBlock<RemoveFromDictionaryBlock.Input, RemoveFromDictionaryBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var removed = DictionaryKey.Value(input.Dictionary, input.Key);
        var others = input.Dictionary.EnumerateObject().Where(member => member.Name != input.Key.GetString());
        yield return Emit(nameof(Output.UpdatedDictionary), JsonValues.Object(others.Select(member => KeyValuePair.Create(member.Name, member.Value))));
        if (input.ReturnValue) yield return Emit(nameof(Output.RemovedValue), removed);
    }

    internal sealed record Input
    {
        [Pin(Type = "object")]
        public required JsonElement Dictionary { get; init; }

        [Pin(Type = "string|integer")]
        public required JsonElement Key { get; init; }

        public bool ReturnValue { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement UpdatedDictionary { get; init; }

        public required JsonElement RemovedValue { get; init; }
    }
}
