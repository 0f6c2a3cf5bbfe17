using System.Text.Json;
using Grainflow.Gateway.Json;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Catalogue;

namespace Grainflow.Gateway.Blocks;

/// <summary>Caches the list of all blocks, which changes only with the program.</summary>
internal sealed class BlockList(IGrainFactory grains)
{
    private JsonPayload? _list;
    private IReadOnlyList<string>? _outputs;
    private IReadOnlyDictionary<string, string>? _names;

    /// <summary>A JSON array of <see cref="BlockInfo"/>.</summary>
    public async Task<JsonPayload> ReadAsync() => _list ??= await grains.GetGrain<IBlockCatalogueGrain>("all").List();

    /// <summary>The ids of the blocks of Output nodes.</summary>
    public async Task<IReadOnlyList<string>> OutputBlocksAsync() => _outputs ??=
    [
        .. JsonSerializer.Deserialize<IReadOnlyList<Kind>>((await ReadAsync()).Memory.Span, GatewayJson.Options)!
            .Where(block => block.UiType == "Output")
            .Select(block => block.Id),
    ];

    /// <summary>The names of all blocks, by id.</summary>
    public async Task<IReadOnlyDictionary<string, string>> NamesAsync() => _names ??= JsonSerializer
        .Deserialize<IReadOnlyList<Kind>>((await ReadAsync()).Memory.Span, GatewayJson.Options)!
        .ToDictionary(block => block.Id, block => block.Name, StringComparer.Ordinal);

    private sealed record Kind
    {
        public string Id { get; init; } = "";

        public string Name { get; init; } = "";

        [System.Text.Json.Serialization.JsonPropertyName("uiType")]
        public string UiType { get; init; } = "";
    }
}
