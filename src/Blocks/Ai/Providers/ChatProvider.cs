using System.Collections.Frozen;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>The differences between the providers of language models (contract: block-tiers, tier 2).</summary>
/// <param name="Name">The name of the provider in models and credentials, for example <c>groq</c>.</param>
/// <param name="Form">The form of its API.</param>
/// <param name="BaseUrl">The address to which the paths of the form are appended.</param>
/// <param name="LimitField">The request field of the output limit.</param>
/// <param name="HasJsonMode">True when it takes <c>response_format</c> to answer with a JSON object.</param>
/// <param name="Tools">What becomes of the tools of a request.</param>
/// <param name="Headers">Request headers with the name and the address of the calling application.</param>
internal sealed record ChatProvider(string Name, ApiForm Form, Uri BaseUrl, string LimitField, bool HasJsonMode, ToolSupport Tools, IReadOnlyList<string> Headers)
{
    private const string Completion = "max_completion_tokens";
    private const string Plain = "max_tokens";

    private static readonly FrozenDictionary<string, ChatProvider> All = new ChatProvider[]
    {
        new("openai", ApiForm.OpenAi, new("https://api.openai.com/v1"), Completion, HasJsonMode: true, ToolSupport.Sent, []),
        new("anthropic", ApiForm.Anthropic, new("https://api.anthropic.com"), Plain, HasJsonMode: false, ToolSupport.Sent, []),
        new("groq", ApiForm.OpenAi, new("https://api.groq.com/openai/v1"), Plain, HasJsonMode: true, ToolSupport.Refused, []),
        new("ollama", ApiForm.Ollama, new("http://localhost:11434"), "num_ctx", HasJsonMode: false, ToolSupport.Refused, []),
        new("open_router", ApiForm.OpenAi, new("https://openrouter.ai/api/v1"), Plain, HasJsonMode: false, ToolSupport.Sent, ["HTTP-Referer", "X-Title"]),
        new("llama_api", ApiForm.OpenAi, new("https://api.llama.com/compat/v1/"), Plain, HasJsonMode: false, ToolSupport.Sent, ["HTTP-Referer", "X-Title"]),
        new("aiml_api", ApiForm.OpenAi, new("https://api.aimlapi.com/v2"), Plain, HasJsonMode: false, ToolSupport.Ignored, ["X-Project", "X-Title", "HTTP-Referer"]),
        new("v0", ApiForm.OpenAi, new("https://api.v0.dev/v1"), Plain, HasJsonMode: true, ToolSupport.Sent, []),
    }.ToFrozenDictionary(provider => provider.Name, StringComparer.Ordinal);

    /// <summary>The providers whose API has the form of OpenAI's, in the order of their names.</summary>
    public static IReadOnlyList<string> OfOpenAiForm { get; } = [.. All.Values.Where(provider => provider.Form == ApiForm.OpenAi).Select(provider => provider.Name).Order(StringComparer.Ordinal)];

    /// <summary>Finds a provider and puts in the base address of the settings.</summary>
    /// <exception cref="ChatModelException">The provider serves no models here.</exception>
    public static ChatProvider Find(string name, ChatModelOptions options)
    {
        if (!All.TryGetValue(name, out var provider))
            throw new ChatModelException($"The provider '{name}' serves no models here. Choose a credential of {string.Join(", ", All.Keys.Order(StringComparer.Ordinal))}.");
        if (options.BaseUrls.TryGetValue(name, out var other)) return provider with { BaseUrl = other };
        return name == "openai" ? provider with { BaseUrl = options.OpenAiBaseUrl } : provider;
    }
}

/// <summary>The form of a provider's API.</summary>
internal enum ApiForm
{
    /// <summary><c>chat/completions</c> as OpenAI has it.</summary>
    OpenAi,

    /// <summary><c>v1/messages</c> as Anthropic has it.</summary>
    Anthropic,

    /// <summary><c>api/generate</c> as Ollama has it.</summary>
    Ollama,
}

/// <summary>What becomes of the tools of a request.</summary>
internal enum ToolSupport
{
    /// <summary>They are sent.</summary>
    Sent,

    /// <summary>The request fails.</summary>
    Refused,

    /// <summary>They are left out.</summary>
    Ignored,
}
