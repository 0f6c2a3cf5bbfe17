using System.Text.Json;
using Grainflow.Engine.Search;
using Grainflow.Gateway.Blocks;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Builder;

/// <summary>A block as the builder finds it.</summary>
/// <param name="Info">What is answered.</param>
/// <param name="Categories">Its categories in lower case.</param>
/// <param name="Providers">The providers whose credentials it takes, in alphabetical order; empty for a block without credentials.</param>
/// <param name="Text">What is searched.</param>
internal sealed record BuilderBlock(BlockInfo Info, IReadOnlyList<string> Categories, IReadOnlyList<string> Providers, SearchText Text)
{
    /// <summary>Whether it takes credentials.</summary>
    public bool IsIntegration => Providers.Count > 0;

    /// <summary>Its part in a graph: <c>input</c>, <c>output</c> or <c>action</c> (contract: enums.tsv, BuilderBlockType).</summary>
    public string Type => Info.UiType switch { "Input" => "input", "Output" => "output", _ => "action" };
}

/// <summary>The blocks and providers of the builder, which change only with the program.</summary>
/// <param name="list">All blocks that are enabled.</param>
internal sealed class BuilderCatalogue(BlockList list)
{
    private const string Suffix = "Block";

    private IReadOnlyList<BuilderBlock>? _blocks;

    /// <summary>The blocks in the order of <c>GET /api/blocks</c>.</summary>
    public async Task<IReadOnlyList<BuilderBlock>> ReadAsync() =>
        _blocks ??= [.. JsonSerializer.Deserialize<IReadOnlyList<BlockInfo>>((await list.ReadAsync()).Memory.Span, GatewayJson.Options)!.Select(Prepare)];

    /// <summary>The providers in alphabetical order, with the number of their blocks.</summary>
    public async Task<IReadOnlyList<Provider>> ProvidersAsync() =>
    [
        .. (await ReadAsync()).SelectMany(block => block.Providers).GroupBy(name => name, StringComparer.Ordinal).OrderBy(provider => provider.Key, StringComparer.Ordinal)
            .Select(provider => new Provider { Name = provider.Key, Description = "", IntegrationCount = provider.Count() }),
    ];

    private static BuilderBlock Prepare(BlockInfo block)
    {
        string[] categories = [.. block.Categories.Select(category => category["category"].ToLowerInvariant())];
        var providers = ProvidersOf(block);
        // People look for "Text Generator", not for "TextGeneratorBlock".
        var name = block.Name.EndsWith(Suffix, StringComparison.Ordinal) && block.Name.Length > Suffix.Length ? block.Name[..^Suffix.Length] : block.Name;
        return new BuilderBlock(block, categories, providers, new SearchText(block.Id, name, block.Description, categories.Concat(providers)));
    }

    private static IReadOnlyList<string> ProvidersOf(BlockInfo block)
    {
        if (!block.InputSchema.TryGetValue("properties", out var pins) || pins.ValueKind != JsonValueKind.Object) return [];
        return
        [
            .. pins.EnumerateObject()
                .Where(pin => pin.Value.ValueKind == JsonValueKind.Object)
                .SelectMany(pin => pin.Value.TryGetProperty("credentials_provider", out var providers) ? providers.EnumerateArray().Select(provider => provider.GetString()!) : [])
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }
}
