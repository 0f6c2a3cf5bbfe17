using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("64291d3c-99b5-47b7-a976-6d94293cdb2d", "Lists the tables and fields of a base.", "DATA", Effect = BlockEffect.Read)]
internal sealed class AirtableListSchemaBlock() : Block<AirtableListSchemaBlock.Input, AirtableListSchemaBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (schema, tables) = await new AirtableClient(context).SchemaAsync(input.BaseId, cancellationToken);
        yield return Emit(nameof(Output.BaseSchema), schema);
        yield return Emit(nameof(Output.Tables), JsonValues.Array(tables));
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string BaseId { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement BaseSchema { get; init; }

        [Pin(Type = "array<object>")]
        public required JsonElement Tables { get; init; }
    }
}
