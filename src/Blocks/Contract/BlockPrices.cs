using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Price rules of blocks (contract: semantics 3.3, <c>costs.tsv</c>). Those that name a provider apply only to the platform's own credentials.</summary>
public static class BlockPrices
{
    private const int CreditsPerDollar = 150;

    /// <summary>One rule for each model that is not free.</summary>
    public static IReadOnlyList<CostRule> PerModel { get; } = [.. ModelTable.All.Where(m => m.Credits > 0).Select(OfModel)];

    /// <summary>A price for each execution of a block, with credentials of the user as well as with the platform's.</summary>
    /// <param name="credits">The price in credits.</param>
    public static CostRule PerRun(long credits) => new(credits, CostType.Run, JsonValues.EmptyObject);

    /// <summary>
    /// The prices of models that the table does not have, after those of the models that it has: by tokens, and at OpenRouter by what it asks for, at 150 credits a dollar
    /// (contract: upstream, section 5 "Units"). Ollama is free.
    /// </summary>
    /// <param name="options">The settings.</param>
    internal static IReadOnlyList<CostRule> OfUnknownModels(ChatModelOptions options) =>
    [
        .. ModelTable.All.Where(model => model.Credits > 0).Select(model => model.Provider).Distinct(StringComparer.Ordinal).Select(provider => OfUnknownModel(provider, options)),
    ];

    /// <summary>A price for each execution of a block.</summary>
    /// <param name="credits">The price in credits.</param>
    /// <param name="provider">The rule applies when the input names the system credential of this provider.</param>
    /// <param name="input">Further members that the input must have for the rule to apply.</param>
    public static CostRule PerRun(long credits, string provider, params IEnumerable<KeyValuePair<string, JsonElement>> input) =>
        new(credits, CostType.Run, JsonValues.Object([.. input, KeyValuePair.Create("credentials", Credential(provider, idOnly: false))]));

    private static CostRule OfUnknownModel(string provider, ChatModelOptions options)
    {
        var filter = JsonValues.Object(KeyValuePair.Create("credentials", Credential(provider, idOnly: false)));
        return provider == "open_router"
            ? new CostRule(CreditsPerDollar, CostType.CostUsd, filter) { Maximum = options.UnknownMaxCredits }
            : new CostRule(0, CostType.Tokens, filter) { Maximum = options.UnknownMaxCredits, TokenRate = new TokenRate(options.UnknownInputCredits, options.UnknownOutputCredits) };
    }

    // The contract's rules for groq name the credential by its id alone.
    private static CostRule OfModel(ModelInfo model) => new(model.Credits, CostType.Run, JsonValues.Object(
        KeyValuePair.Create("model", JsonValues.From(model.Id)),
        KeyValuePair.Create("credentials", Credential(model.Provider, idOnly: model.Provider == "groq"))));

    private static JsonElement Credential(string provider, bool idOnly)
    {
        var id = KeyValuePair.Create("id", JsonValues.From(SystemCredentials.Ids[provider]));
        if (idOnly) return JsonValues.Object(id);
        return JsonValues.Object(id, KeyValuePair.Create("provider", JsonValues.From(provider)), KeyValuePair.Create("type", JsonValues.From("api_key")));
    }
}
