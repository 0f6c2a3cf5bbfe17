namespace Grainflow.Blocks.Contract;

/// <summary>The names of the providers that the contract knows (<c>enums.tsv</c>). Credentials of any other provider are accepted too.</summary>
public static class ProviderNames
{
    /// <summary>The names of the contract, and those of the platform's own credentials, in alphabetical order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. new[]
    {
        "aiml_api", "anthropic", "apollo", "compass", "d_id", "discord", "e2b", "enrichlayer", "fal", "github", "google", "google_maps", "groq", "http", "hubspot",
        "ideogram", "jina", "llama_api", "medium", "mem0", "notion", "nvidia", "ollama", "open_router", "openai", "openweathermap", "pinecone", "reddit", "replicate",
        "revid", "screenshotone", "slant3d", "smartlead", "smtp", "todoist", "twitter", "unreal_speech", "v0", "webshare_proxy", "zerobounce",
    }.Union(SystemCredentials.Ids.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The name of a provider as a constant, for example <c>OPEN_ROUTER</c>.</summary>
    /// <param name="provider">The name on the wire.</param>
    public static string Constant(string provider) => provider.ToUpperInvariant().Replace('-', '_');
}
