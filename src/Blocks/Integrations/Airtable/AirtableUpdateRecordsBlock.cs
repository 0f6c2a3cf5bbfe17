using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("6e7d2590-ac2b-4b5d-b08c-fc039cd77e1f", "Changes records of a table.", "DATA", Effect = BlockEffect.Write)]
internal sealed class AirtableUpdateRecordsBlock() : Block<AirtableUpdateRecordsBlock.Input, AirtableUpdateRecordsBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new Dictionary<string, bool?>(StringComparer.Ordinal) { ["typecast"] = input.Typecast is true ? true : null, ["returnFieldsByFieldId"] = false };
        var path = AirtableClient.PathOf(input.BaseId, input.TableIdOrName);
        var (changed, _) = await new AirtableClient(context).WriteAsync(HttpMethod.Patch, path, [.. input.Records.EnumerateArray()], options, cancellationToken);
        yield return Emit(nameof(Output.Records), JsonValues.Array(changed));
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string BaseId { get; init; }

        public required string TableIdOrName { get; init; }

        [Pin(Type = "array<object>")]
        public required JsonElement Records { get; init; }

        public bool? Typecast { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array<object>")]
        public required JsonElement Records { get; init; }
    }
}
