using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("93e22b8b-3642-4477-aefb-1c0929a4a3a6", "Deletes records of a table.", "DATA", Effect = BlockEffect.Irreversible)]
internal sealed class AirtableDeleteRecordsBlock() : Block<AirtableDeleteRecordsBlock.Input, AirtableDeleteRecordsBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var deleted = await new AirtableClient(context).DeleteAsync(AirtableClient.PathOf(input.BaseId, input.TableIdOrName), input.RecordIds, cancellationToken);
        yield return Emit(nameof(Output.Records), JsonValues.Array(deleted));
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string BaseId { get; init; }

        public required string TableIdOrName { get; init; }

        public required IReadOnlyList<string> RecordIds { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array<object>")]
        public required JsonElement Records { get; init; }
    }
}
