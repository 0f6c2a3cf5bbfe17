using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Files;

[Block("cbb50872-625b-42f0-8203-a2ae78242d8a", "Saves a URL, data URI or path into the run folder.", "BASIC", "MULTIMEDIA", StaticOutput = true, Effect = BlockEffect.Read)]
internal sealed class FileStoreBlock : Block<FileStoreBlock.Input, FileStoreBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = await RunFile.StoreAsync(input.FileIn, context, cancellationToken);
        yield return Emit(nameof(Output.FileOut), input.Base64 ? file.ToDataUri() : file.Name);
    }

    internal sealed record Input
    {
        [Pin(Type = "string:file")]
        public required string FileIn { get; init; }

        [Pin(Title = "Produce Base64 Output")]
        [JsonPropertyName("base_64")]
        public bool Base64 { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "string:file")]
        public required string FileOut { get; init; }
    }
}
