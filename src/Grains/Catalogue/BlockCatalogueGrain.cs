using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Catalogue;
using Grainflow.Grains.Webhooks;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Grainflow.Grains.Catalogue;

/// <inheritdoc cref="IBlockCatalogueGrain"/>
/// <remarks>It has no state, so each silo answers itself: the check whether a silo works must not depend on another one.</remarks>
[StatelessWorker(1), Reentrant]
public sealed class BlockCatalogueGrain(BlockCatalogue catalogue, IOptions<WebhookOptions> webhooks) : Grain, IBlockCatalogueGrain
{
    private JsonPayload? _list;

    /// <inheritdoc/>
    public Task<JsonPayload> List() => Task.FromResult(_list ??= JsonPayload.Wrap(JsonValues.CompactUtf8(
        JsonValues.Array(catalogue.Blocks.Select(block => block.Definition).Where(block => !block.Disabled && !webhooks.Value.Disables(block)).Select(Describe)))));

    private static JsonElement Describe(BlockDefinition block) => JsonValues.Object(
        KeyValuePair.Create("id", JsonValues.From(block.Id)),
        KeyValuePair.Create("name", JsonValues.From(block.Name)),
        KeyValuePair.Create("inputSchema", block.InputSchema),
        KeyValuePair.Create("outputSchema", block.OutputSchema),
        KeyValuePair.Create("costs", JsonValues.Array(block.Costs.Select(cost => JsonValues.Object(
            KeyValuePair.Create("cost_amount", JsonValues.From(cost.Credits)),
            KeyValuePair.Create("cost_filter", cost.Filter),
            KeyValuePair.Create("cost_type", JsonValues.From(CostTypes.Name(cost.Type))),
            KeyValuePair.Create("cost_divisor", JsonValues.From(cost.Divisor ?? 1)),
            KeyValuePair.Create("token_rate", cost.TokenRate is { } rate ? Describe(rate) : JsonValues.Null))))),
        KeyValuePair.Create("description", JsonValues.From(block.Description)),
        KeyValuePair.Create("categories", JsonValues.Array(block.Categories.Select(category => JsonValues.Object(
            KeyValuePair.Create("category", JsonValues.From(category)),
            KeyValuePair.Create("description", JsonValues.From(BlockCategories.Describe(category))))))),
        KeyValuePair.Create("contributors", JsonValues.EmptyArray),
        KeyValuePair.Create("staticOutput", JsonValues.From(block.StaticOutput)),
        KeyValuePair.Create("uiType", JsonValues.From(Name(block.Kind))));

    private static JsonElement Describe(TokenRate rate) => JsonValues.Object(
        KeyValuePair.Create("input", JsonValues.From(rate.Input)),
        KeyValuePair.Create("output", JsonValues.From(rate.Output)),
        KeyValuePair.Create("cache_read", JsonValues.From(rate.CacheRead)),
        KeyValuePair.Create("cache_creation", JsonValues.From(rate.CacheCreation)));

    private static string Name(BlockKind kind) => kind switch
    {
        BlockKind.WebhookManual => "Webhook (manual)",
        BlockKind.Ai => "AI",
        BlockKind.McpTool => "MCP Tool",
        BlockKind.HumanInTheLoop => "Human In The Loop",
        _ => kind.ToString(),
    };
}
