using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Persistence;

[Block("d8710fc9-6e29-481e-a7d5-165eb16f8471", "Reads a stored value, or a default.", "DATA", StaticOutput = true, Effect = BlockEffect.Read)]
internal sealed class RetrieveInformationBlock : Block<RetrieveInformationBlock.Input, RetrieveInformationBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stored = await context.KeyValues.FindAsync(StoredKey.Of(input.Key, input.Scope, context), cancellationToken);
        // A value that is false in Python reads as absent (contract: block-tiers, quirk 6).
        yield return Emit(nameof(Output.Value), stored is { } value && Truth.IsTruthy(value) ? value : input.DefaultValue);
    }

    internal sealed record Input
    {
        public required string Key { get; init; }

        [Pin(Type = StoredKey.Scopes)]
        public string Scope { get; init; } = StoredKey.WithinAgent;

        public JsonElement DefaultValue { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement Value { get; init; }
    }
}
