using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Jina;

[Block("d38b6c5e-9968-4271-8423-6cfe60d6e7e6", "Checks a statement against sources on the web.", "SEARCH", Effect = BlockEffect.Read)]
internal sealed class FactCheckerBlock : Block<FactCheckerBlock.Input, FactCheckerBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await new JinaClient(context).CheckAsync(input.Statement, cancellationToken);
        yield return Emit(nameof(Output.Factuality), found.Member("factuality") ?? JsonValues.Null);
        yield return Emit(nameof(Output.Result), found.Member("result") ?? JsonValues.Null);
        yield return Emit(nameof(Output.Reason), found.Member("reason") ?? JsonValues.Null);
        yield return Emit(nameof(Output.References), found.Member("references") is { ValueKind: JsonValueKind.Array } references ? references : JsonValues.EmptyArray);
    }

    internal sealed record Input
    {
        public required string Statement { get; init; }

        [CredentialsPin("jina")]
        public required CredentialsReference Credentials { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required double Factuality { get; init; }

        public required bool Result { get; init; }

        public required string Reason { get; init; }

        [Pin(ShowDefault = true)]
        public IReadOnlyList<Reference> References { get; init; } = [];
    }
}

/// <summary>A source that was found for a statement.</summary>
internal sealed record Reference
{
    public required string Url { get; init; }

    [JsonPropertyName("keyQuote")]
    public required string KeyQuote { get; init; }

    [JsonPropertyName("isSupportive")]
    public required bool IsSupportive { get; init; }
}
