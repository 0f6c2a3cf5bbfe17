using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("588a9fde-5733-4da7-b03c-35f5671e960f", "Lists a page of the records of a table.", "DATA", Effect = BlockEffect.Read)]
internal sealed class AirtableListRecordsBlock() : Block<AirtableListRecordsBlock.Input, AirtableListRecordsBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new AirtableClient(context);
        var (records, offset) = await client.ListAsync(input, cancellationToken);
        var fields = input.NormalizeOutput ? await client.FieldsAsync(input.BaseId, input.TableIdOrName, cancellationToken) : null;
        yield return Emit(nameof(Output.Records), JsonValues.Array(fields is null ? records : records.Select(fields.Complete)));
        yield return Emit(nameof(Output.Offset), offset);
        if (fields is not null && input.IncludeFieldMetadata) yield return Emit(nameof(Output.FieldMetadata), fields.Metadata());
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string BaseId { get; init; }

        public required string TableIdOrName { get; init; }

        public string FilterFormula { get; init; } = "";

        public string View { get; init; } = "";

        [Pin(Type = "array<object>", ShowDefault = true)]
        public JsonElement Sort { get; init; } = JsonValues.EmptyArray;

        public long MaxRecords { get; init; } = 100;

        public long PageSize { get; init; } = 100;

        public string Offset { get; init; } = "";

        [Pin(ShowDefault = true)]
        public IReadOnlyList<string> ReturnFields { get; init; } = [];

        public bool NormalizeOutput { get; init; } = true;

        public bool IncludeFieldMetadata { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array<object>")]
        public required JsonElement Records { get; init; }

        public string? Offset { get; init; }

        [Pin(Type = "object?")]
        public JsonElement FieldMetadata { get; init; }
    }
}
