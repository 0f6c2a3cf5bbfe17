using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Data;

[Block("b924ddf4-de4f-4b56-9a85-358930dcbc91", "Makes an object from given key/value pins.", "DATA")]
internal sealed class CreateDictionaryBlock : PureBlock<CreateDictionaryBlock.Input, CreateDictionaryBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.Dictionary), input.Values)];

    internal sealed record Input
    {
        [Pin(Type = "object")]
        public required JsonElement Values { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Dictionary { get; init; }
    }
}
