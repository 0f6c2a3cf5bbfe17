using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.GoogleMaps;

[Block("f47ac10b-58cc-4372-a567-0e02b2c3d479", "Finds businesses and other places.", "SEARCH", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class GoogleMapsSearchBlock : Block<GoogleMapsSearchBlock.Input, GoogleMapsSearchBlock.Output>
{
    private const int Most = 60;

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = await new GoogleMapsClient(context).SearchAsync(input.Query, (int)input.MaxResults, cancellationToken);
        context.Usage.Items = places.Count;
        foreach (var place in places) yield return EmitObject(nameof(Output.Place), place);
    }

    internal sealed record Input
    {
        [CredentialsPin("google_maps")]
        public required CredentialsReference Credentials { get; init; }

        public required string Query { get; init; }

        // Not sent: the vendor takes a radius with its centre only, and the query names the area. Agents that set it stay valid.
        [Pin(Minimum = 1, Maximum = 50000)]
        public long Radius { get; init; } = 5000;

        [Pin(Minimum = 1, Maximum = Most)]
        public long MaxResults { get; init; } = 20;
    }

    internal sealed record Output : BlockResult
    {
        public required Place Place { get; init; }
    }
}
