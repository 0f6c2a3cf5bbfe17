using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("c29c5cbf-0aff-40f9-bbb5-f26061792d2b", "Reads a record.", "DATA", Effect = BlockEffect.Read)]
internal sealed class AirtableGetRecordBlock() : Block<AirtableGetRecordBlock.Input, AirtableGetRecordBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new AirtableClient(context);
        var record = await client.GetAsync(input.BaseId, input.TableIdOrName, input.RecordId, cancellationToken);
        var fields = input.NormalizeOutput ? await client.FieldsAsync(input.BaseId, input.TableIdOrName, cancellationToken) : null;
        if (fields is not null) record = fields.Complete(record);
        yield return Emit(nameof(Output.Id), record.Text("id"));
        yield return Emit(nameof(Output.Fields), record.Member("fields") ?? JsonValues.EmptyObject);
        yield return Emit(nameof(Output.CreatedTime), record.Text("createdTime") ?? "");
        if (fields is not null && input.IncludeFieldMetadata) yield return Emit(nameof(Output.FieldMetadata), fields.Metadata());
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string BaseId { get; init; }

        public required string TableIdOrName { get; init; }

        public required string RecordId { get; init; }

        public bool NormalizeOutput { get; init; } = true;

        public bool IncludeFieldMetadata { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Id { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Fields { get; init; }

        public required string CreatedTime { get; init; }

        [Pin(Type = "object?")]
        public JsonElement FieldMetadata { get; init; }
    }
}
