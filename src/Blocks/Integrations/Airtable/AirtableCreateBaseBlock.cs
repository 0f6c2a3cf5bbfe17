using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

[Block("f59b88a8-54ce-4676-a508-fd614b4e8dce", "Creates a base, or finds the one of that name.", "DATA", Effect = BlockEffect.Write, EmitsSeveral = true)]
internal sealed class AirtableCreateBaseBlock() : Block<AirtableCreateBaseBlock.Input, AirtableCreateBaseBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new AirtableClient(context);
        // A base has no key of its own; one that an earlier attempt has created is found by its name.
        if (input.FindExisting && await client.FindBaseAsync(input.Name, cancellationToken) is { } existing)
        {
            yield return Emit(nameof(Output.BaseId), existing);
            yield return Emit(nameof(Output.WasCreated), false);
            var (_, found) = await client.SchemaAsync(existing, cancellationToken);
            yield return Emit(nameof(Output.Tables), JsonValues.Array(found));
            foreach (var table in found) yield return Emit(nameof(Output.Table), table);
            yield break;
        }

        var (id, tables) = await client.CreateBaseAsync(input.WorkspaceId, input.Name, input.Tables, cancellationToken);
        yield return Emit(nameof(Output.BaseId), id);
        yield return Emit(nameof(Output.WasCreated), true);
        yield return Emit(nameof(Output.Tables), JsonValues.Array(tables));
        foreach (var table in tables) yield return Emit(nameof(Output.Table), table);
    }

    internal sealed record Input
    {
        [CredentialsPin("airtable", IsOpen = true, Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string WorkspaceId { get; init; }

        public required string Name { get; init; }

        public bool FindExisting { get; init; } = true;

        [Pin(Type = "array<object>", ShowDefault = true)]
        public JsonElement Tables { get; init; } = JsonValues.Parse(
            """[{"description": "Default table", "name": "Default table", "fields": [{"name": "ID", "type": "number", "description": "Auto-incrementing ID field", "options": {"precision": 0}}]}]""");
    }

    internal sealed record Output : BlockResult
    {
        public required string BaseId { get; init; }

        [Pin(Type = "array<object>")]
        public required JsonElement Tables { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Table { get; init; }

        public bool WasCreated { get; init; } = true;
    }
}
