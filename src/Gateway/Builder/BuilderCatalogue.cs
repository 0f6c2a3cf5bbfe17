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

    /// <summary>The types of credentials that blocks take, by provider.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> CredentialTypesAsync() => (await ReadAsync())
        .SelectMany(block => CredentialsPins(block.Info)).SelectMany(pin => pin.Providers.SelectMany(provider => pin.Types.Select(type => (Provider: provider, Type: type))))
        .GroupBy(pair => pair.Provider, pair => pair.Type, StringComparer.Ordinal)
        .ToDictionary(provider => provider.Key, IReadOnlySet<string> (provider) => provider.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);

    private static BuilderBlock Prepare(BlockInfo block)
    {
        string[] categories = [.. block.Categories.Select(category => category["category"].ToLowerInvariant())];
        var providers = ProvidersOf(block);
        // People look for "Text Generator", not for "TextGeneratorBlock".
        var name = block.Name.EndsWith(Suffix, StringComparison.Ordinal) && block.Name.Length > Suffix.Length ? block.Name[..^Suffix.Length] : block.Name;
        return new BuilderBlock(block, categories, providers, new SearchText(block.Id, name, block.Description, categories.Concat(providers)));
    }

    private static IReadOnlyList<string> ProvidersOf(BlockInfo block) =>
        [.. CredentialsPins(block).SelectMany(pin => pin.Providers).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IEnumerable<(IReadOnlyList<string> Providers, IReadOnlyList<string> Types)> CredentialsPins(BlockInfo block) =>
        block.InputSchema.TryGetValue("properties", out var pins) && pins.ValueKind == JsonValueKind.Object
            ? pins.EnumerateObject().Where(pin => pin.Value.ValueKind == JsonValueKind.Object && pin.Value.TryGetProperty("credentials_provider", out _))
                .Select(pin => (Texts(pin.Value, "credentials_provider"), Texts(pin.Value, "credentials_types")))
            : [];

    private static IReadOnlyList<string> Texts(JsonElement pin, string name) =>
        pin.TryGetProperty(name, out var texts) ? [.. texts.EnumerateArray().Select(text => text.GetString()!)] : [];
}
