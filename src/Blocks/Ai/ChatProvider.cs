using System.Collections.Frozen;

namespace Grainflow.Blocks.Ai;

/// <summary>The differences between the providers whose API has the form of OpenAI's (contract: block-tiers, tier 2).</summary>
/// <param name="Name">The name of the provider in models and credentials, for example <c>groq</c>.</param>
/// <param name="BaseUrl">The address to which <c>chat/completions</c> is appended.</param>
/// <param name="LimitField">The request field of the output limit.</param>
/// <param name="HasJsonMode">True when it takes <c>response_format</c> to answer with a JSON object.</param>
/// <param name="Headers">Request headers with the name and the address of the calling application.</param>
internal sealed record ChatProvider(string Name, Uri BaseUrl, string LimitField, bool HasJsonMode, IReadOnlyList<string> Headers)
{
    private const string Completion = "max_completion_tokens";
    private const string Plain = "max_tokens";

    private static readonly FrozenDictionary<string, ChatProvider> All = new ChatProvider[]
    {
        new("openai", new("https://api.openai.com/v1"), Completion, HasJsonMode: true, []),
        new("groq", new("https://api.groq.com/openai/v1"), Plain, HasJsonMode: true, []),
        new("open_router", new("https://openrouter.ai/api/v1"), Plain, HasJsonMode: false, ["HTTP-Referer", "X-Title"]),
        new("llama_api", new("https://api.llama.com/compat/v1/"), Plain, HasJsonMode: false, ["HTTP-Referer", "X-Title"]),
        new("aiml_api", new("https://api.aimlapi.com/v2"), Plain, HasJsonMode: false, ["X-Project", "X-Title", "HTTP-Referer"]),
        new("v0", new("https://api.v0.dev/v1"), Plain, HasJsonMode: true, []),
    }.ToFrozenDictionary(provider => provider.Name, StringComparer.Ordinal);

    /// <summary>Finds a provider and puts in the base address of the settings.</summary>
    /// <exception cref="ChatModelException">The provider has no client here.</exception>
    public static ChatProvider Find(string name, ChatModelOptions options)
    {
        if (!All.TryGetValue(name, out var provider))
            throw new ChatModelException($"Models of the provider '{name}' are not served yet. Choose a model of {string.Join(", ", All.Keys.Order(StringComparer.Ordinal))}.");
        if (options.BaseUrls.TryGetValue(name, out var other)) return provider with { BaseUrl = other };
        return name == "openai" ? provider with { BaseUrl = options.OpenAiBaseUrl } : provider;
    }
}
