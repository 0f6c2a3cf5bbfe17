using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("42527e98-47b6-44ce-ac0e-86b4883721d3", "Adds records to a table.", "DATA", Effect = BlockEffect.Write)]
internal sealed class AirtableCreateRecordsBlock() : Block<AirtableCreateRecordsBlock.Input, AirtableCreateRecordsBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new AirtableClient(context);
        var wanted = input.Records.EnumerateArray().Select(fields => JsonValues.Object(KeyValuePair.Create("fields", fields))).ToList();
        var options = new Dictionary<string, bool?>(StringComparer.Ordinal) { ["typecast"] = input.Typecast ? true : null, ["returnFieldsByFieldId"] = input.ReturnFieldsByFieldId };
        var (created, details) = await client.WriteAsync(HttpMethod.Post, AirtableClient.PathOf(input.BaseId, input.TableIdOrName), wanted, options, cancellationToken);
        if (!input.SkipNormalization && created.Count > 0)
        {
            var fields = await client.FieldsAsync(input.BaseId, input.TableIdOrName, cancellationToken);
            created = [.. created.Select(fields.Complete)];
        }

        yield return Emit(nameof(Output.Records), JsonValues.Array(created));
        if (details is { } said && Truth.IsTruthy(said)) yield return Emit(nameof(Output.Details), said);
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string BaseId { get; init; }

        public required string TableIdOrName { get; init; }

        [Pin(Type = "array<object>")]
        public required JsonElement Records { get; init; }

        public bool SkipNormalization { get; init; }

        public bool Typecast { get; init; }

        public bool? ReturnFieldsByFieldId { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array<object>")]
        public required JsonElement Records { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Details { get; init; }
    }
}
