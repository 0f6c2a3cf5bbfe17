using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("4bd8d466-ed5d-4e44-8083-97f25a8044e7", "Lists bases.", "DATA", Effect = BlockEffect.Read)]
internal sealed class AirtableListBasesBlock() : Block<AirtableListBasesBlock.Input, AirtableListBasesBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answer = await new AirtableClient(context).BasesAsync(input.Offset.Length > 0 ? input.Offset : null, cancellationToken);
        yield return Emit(nameof(Output.Bases), JsonValues.Array(answer.Items("bases")));
        yield return Emit(nameof(Output.Offset), answer.Text("offset"));
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public string Trigger { get; init; } = "manual";

        public string Offset { get; init; } = "";
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array<object>")]
        public required JsonElement Bases { get; init; }

        public string? Offset { get; init; }
    }
}
