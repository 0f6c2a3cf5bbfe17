using System.ComponentModel.DataAnnotations;

namespace Grainflow.Blocks.Ai;

/// <summary>Settings of <see cref="ChatModels"/>.</summary>
public sealed record ChatModelOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Models";

    /// <summary>The address of OpenAI's API, or of another one of its form (<c>OPENAI_BASE_URL</c>).</summary>
    public Uri OpenAiBaseUrl { get; init; } = new("https://api.openai.com/v1");

    /// <summary>Base addresses in place of the providers' own, by name of the provider, for example <c>groq</c>. Empty in production; tests set it.</summary>
    public IReadOnlyDictionary<string, Uri> BaseUrls { get; init; } = new Dictionary<string, Uri>(StringComparer.Ordinal);

    /// <summary>The name of the application that some providers are sent.</summary>
    public string ApplicationName { get; init; } = "Grainflow";

    /// <summary>The address of the application that some providers are sent: that of this installation.</summary>
    public Uri ApplicationUrl { get; init; } = new("http://localhost:8000/");

    /// <summary>How long a call may take, with the whole answer. A second to a day. Beyond it the call fails.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
