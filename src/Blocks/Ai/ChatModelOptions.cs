namespace Grainflow.Blocks.Ai;

/// <summary>Settings of <see cref="ChatModels"/>.</summary>
public sealed record ChatModelOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Models";

    /// <summary>Where OpenAI's own API, or one that speaks like it, is served (<c>OPENAI_BASE_URL</c>).</summary>
    public Uri OpenAiBaseUrl { get; init; } = new("https://api.openai.com/v1");

    /// <summary>Base addresses that take the place of a provider's own, by provider, for example <c>groq</c>. Empty in production.</summary>
    public IReadOnlyDictionary<string, Uri> BaseUrls { get; init; } = new Dictionary<string, Uri>(StringComparer.Ordinal);

    /// <summary>The name under which some providers list the caller.</summary>
    public string ApplicationName { get; init; } = "Grainflow";

    /// <summary>The address under which some providers list the caller: that of this installation.</summary>
    public Uri ApplicationUrl { get; init; } = new("http://localhost:8000/");

    /// <summary>How long a call may take. Above zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
