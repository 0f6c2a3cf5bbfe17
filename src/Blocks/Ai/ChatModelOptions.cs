using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

/// <summary>Settings of <see cref="ChatModels"/>.</summary>
public sealed record ChatModelOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Models";

    /// <summary>The providers whose address can be set, by <c>GROQ_BASE_URL</c> and so on; OpenAI's is <see cref="OpenAiBaseUrl"/>.</summary>
    public static IReadOnlyList<string> Providers { get; } = ["aiml_api", "anthropic", "groq", "llama_api", "ollama", "open_router", "v0"];

    /// <summary>The address of OpenAI's API, or of another one of its form (<c>OPENAI_BASE_URL</c>).</summary>
    public Uri OpenAiBaseUrl { get; init; } = new("https://api.openai.com/v1");

    /// <summary>
    /// Base addresses in place of the providers' own, by name of the provider, for example <c>groq</c> (<c>GROQ_BASE_URL</c>). That of <c>ollama</c> stands for the host
    /// which the pin has when nobody sets it.
    /// </summary>
    public IReadOnlyDictionary<string, Uri> BaseUrls { get; init; } = new Dictionary<string, Uri>(StringComparer.Ordinal);

    /// <summary>The name of the application that some providers are sent.</summary>
    public string ApplicationName { get; init; } = "Grainflow";

    /// <summary>The address of the application that some providers are sent: that of this installation.</summary>
    public Uri ApplicationUrl { get; init; } = new("http://localhost:8000/");

    /// <summary>How long a call may take, with the whole answer. A second to a day. Beyond it the call fails.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether answers are read as streams where the provider streams, so that one that stalls is noticed (<c>MODEL_STREAMING</c>).</summary>
    public bool Streaming { get; init; } = true;

    /// <summary>How long nothing may arrive in the middle of an answer (<c>MODEL_STALL_SECONDS</c>). Beyond it the call fails.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan Stall { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a call waits in all when the provider is asked too often and says when to come back (<c>MODEL_RATE_LIMIT_SECONDS</c>); zero waits for nothing.</summary>
    [DurationRange("00:00:00", "1.00:00:00")]
    public TimeSpan RateLimitWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Tokens of prompt and answer together of a model that the table of models does not have (<c>UNKNOWN_MODEL_CONTEXT</c>).</summary>
    [Range(1_024, 100_000_000)]
    public int UnknownContextWindow { get; init; } = ModelTable.UnknownContextWindow;

    /// <summary>The most tokens of an answer of such a model (<c>UNKNOWN_MODEL_OUTPUT</c>).</summary>
    [Range(1, 100_000_000)]
    public int UnknownMaxOutput { get; init; } = OutputLimit.Unknown;

    /// <summary>Credits for a million tokens sent to such a model with the platform's credential (<c>UNKNOWN_MODEL_INPUT_CREDITS</c>).</summary>
    [Range(0, 1_000_000_000)]
    public int UnknownInputCredits { get; init; } = 500;

    /// <summary>Credits for a million tokens of its answers (<c>UNKNOWN_MODEL_OUTPUT_CREDITS</c>).</summary>
    [Range(0, 1_000_000_000)]
    public int UnknownOutputCredits { get; init; } = 2_500;

    /// <summary>The most credits that one node execution with such a model costs, which are reserved before (<c>UNKNOWN_MODEL_MAX_CREDITS</c>).</summary>
    [Range(1, 1_000_000)]
    public int UnknownMaxCredits { get; init; } = 50;
}
