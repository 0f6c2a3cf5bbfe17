using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

[Block("95ead23f-8283-4654-aef3-10c053b74a31", "Graph input for an uploaded file; stores it for the run.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true, Effect = BlockEffect.Read)]
internal sealed class AgentFileInputBlock : Block<AgentFileInputBlock.Input, AgentFileInputBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Truth.IsTruthy(input.Value)) yield break;
        var file = await RunFile.StoreAsync(input.Value.GetString()!, context, cancellationToken);
        yield return Emit(nameof(Output.Result), input.Base64 ? file.ToDataUri() : file.Name);
    }

    internal sealed record Input : AgentInput
    {
        [Pin(Type = "string:file?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }

        [Pin(Title = "Produce Base64 Output")]
        [JsonPropertyName("base_64")]
        public bool Base64 { get; init; }
    }

    internal sealed record Output
    {
        public required string Result { get; init; }
    }
}
