using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

[Block("27e31876-18b6-44f3-ab97-f6226d8b3889", "Overwrites the value of an existing key.", "BASIC")]
internal sealed class ReplaceDictionaryValueBlock : PureBlock<ReplaceDictionaryValueBlock.Input, ReplaceDictionaryValueBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var old = DictionaryKey.Value(input.Dictionary, input.Key);
        var members = input.Dictionary.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Name == input.Key.GetString() ? input.Value : member.Value));
        yield return Emit(nameof(Output.UpdatedDictionary), JsonValues.Object(members));
        yield return Emit(nameof(Output.OldValue), old);
    }

    internal sealed record Input
    {
        [Pin(Type = "object")]
        public required JsonElement Dictionary { get; init; }

        [Pin(Type = "string|integer")]
        public required JsonElement Key { get; init; }

        public required JsonElement Value { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement UpdatedDictionary { get; init; }

        public required JsonElement OldValue { get; init; }
    }
}
