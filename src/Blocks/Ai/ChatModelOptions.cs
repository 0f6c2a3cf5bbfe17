namespace Grainflow.Blocks.Ai;

/// <summary>Settings of <see cref="ChatModels"/>.</summary>
public sealed record ChatModelOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Models";

    /// <summary>The base address of OpenAI's API, or of another one with the same protocol (<c>OPENAI_BASE_URL</c>).</summary>
    public Uri OpenAiBaseUrl { get; init; } = new("https://api.openai.com/v1");

    /// <summary>Base addresses that replace those of providers, by provider, for example <c>groq</c>. Empty in production.</summary>
    public IReadOnlyDictionary<string, Uri> BaseUrls { get; init; } = new Dictionary<string, Uri>(StringComparer.Ordinal);

    /// <summary>The name of the calling application, which some providers show in their statistics.</summary>
    public string ApplicationName { get; init; } = "Grainflow";

    /// <summary>The address of the calling application, which some providers show in their statistics.</summary>
    public Uri ApplicationUrl { get; init; } = new("http://localhost:8000/");

    /// <summary>The time limit of one call, greater than zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
