using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Persistence;

[Block("1d055e55-a2b9-4547-8311-907d05b0304d", "Stores a value under a key for the user.", "DATA", Effect = BlockEffect.Write)]
internal sealed class PersistInformationBlock : Block<PersistInformationBlock.Input, PersistInformationBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await context.KeyValues.WriteAsync(StoredKey.Of(input.Key, input.Scope, context), input.Value, cancellationToken);
        // A value that is false in Python comes back as null (contract: block-tiers, quirk 6).
        yield return Emit(nameof(Output.Value), Truth.IsTruthy(input.Value) ? input.Value : JsonValues.Null);
    }

    internal sealed record Input
    {
        public required string Key { get; init; }

        public required JsonElement Value { get; init; }

        [Pin(Type = StoredKey.Scopes)]
        public string Scope { get; init; } = StoredKey.WithinAgent;
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement Value { get; init; }
    }
}

/// <summary>The keys under which values are stored for a user (contract: semantics 2.16).</summary>
internal static class StoredKey
{
    /// <summary>The type of the pin that chooses the scope.</summary>
    public const string Scopes = "enum(within_agent|across_agents)";

    /// <summary>The scope of one graph.</summary>
    public const string WithinAgent = "within_agent";

    /// <summary>The key with its scope.</summary>
    public static string Of(string key, string scope, BlockContext context) => scope == WithinAgent ? $"agent#{context.GraphId}#{key}" : $"global#{key}";
}
