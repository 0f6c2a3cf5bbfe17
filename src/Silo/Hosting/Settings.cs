using System.Globalization;
using Grainflow.Blocks.Contract;

namespace Grainflow.Silo.Hosting;

/// <summary>Settings from the environment, under the contract's names (semantics section 10). A wrong value is refused with its cure.</summary>
internal sealed record Settings
{
    /// <summary>PostgreSQL, as a URL or in Npgsql's form.</summary>
    public required string DatabaseUrl { get; init; }

    /// <summary>The folder for files, and for the database when it is a private one.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The data folder of a private PostgreSQL that ends with this process, or null.</summary>
    public string? PostgresData { get; init; }

    /// <summary>The script that stops it.</summary>
    public string? PostgresScript { get; init; }

    public bool EnableCredit { get; init; } = true;

    public int NumUserCreditsRefill { get; init; } = 1500;

    public int MaxConcurrentGraphExecutionsPerUser { get; init; } = 25;

    public int ExecutionCostCountThreshold { get; init; } = 100;

    public int ExecutionCostPerThreshold { get; init; } = 1;

    /// <summary>Private endpoints that blocks may call, or null.</summary>
    public string? TrustEndpointsForRequests { get; init; }

    /// <summary>Another address for OpenAI's API, or null.</summary>
    public string? OpenAiBaseUrl { get; init; }

    /// <summary>API key by provider.</summary>
    public IReadOnlyDictionary<string, string> ApiKeys { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Looks up a variable.</param>
    /// <exception cref="SettingsException">A value is missing or wrong.</exception>
    public static Settings Read(Func<string, string?> variable) => new()
    {
        DatabaseUrl = variable("DATABASE_URL") is { Length: > 0 } url
            ? url
            : throw new SettingsException("DATABASE_URL is not set. Start through ./run, which brings its own PostgreSQL, or set DATABASE_URL to a postgres:// URL."),
        DataFolder = variable("GRAINFLOW_DATA") is { Length: > 0 } folder ? folder : ".data",
        PostgresData = variable("GRAINFLOW_POSTGRES_DATA") is { Length: > 0 } data ? data : null,
        PostgresScript = variable("GRAINFLOW_POSTGRES_SCRIPT") is { Length: > 0 } script ? script : null,
        EnableCredit = Flag(variable, "ENABLE_CREDIT", true),
        NumUserCreditsRefill = Number(variable, "NUM_USER_CREDITS_REFILL", 1500, 0, int.MaxValue),
        MaxConcurrentGraphExecutionsPerUser = Number(variable, "MAX_CONCURRENT_GRAPH_EXECUTIONS_PER_USER", 25, 1, 1000),
        ExecutionCostCountThreshold = Number(variable, "EXECUTION_COST_COUNT_THRESHOLD", 100, 1, int.MaxValue),
        ExecutionCostPerThreshold = Number(variable, "EXECUTION_COST_PER_THRESHOLD", 1, 0, int.MaxValue),
        TrustEndpointsForRequests = variable("TRUST_ENDPOINTS_FOR_REQUESTS"),
        OpenAiBaseUrl = variable("OPENAI_BASE_URL") is { Length: > 0 } address
            ? Uri.TryCreate(address, UriKind.Absolute, out _) ? address : throw Wrong("OPENAI_BASE_URL", address, "an absolute address, for example http://localhost:1234/v1")
            : null,
        ApiKeys = SystemCredentials.Ids.Keys
            .Select(provider => KeyValuePair.Create(provider, variable(provider.ToUpperInvariant() + "_API_KEY") ?? ""))
            .Where(key => key.Value.Length > 0)
            .ToDictionary(StringComparer.Ordinal),
    };

    private static bool Flag(Func<string, string?> variable, string name, bool fallback) => variable(name) switch
    {
        null or "" => fallback,
        var text when text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var text when text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        var text => throw Wrong(name, text, "true or false"),
    };

    private static int Number(Func<string, string?> variable, string name, int fallback, int least, int most)
    {
        if (variable(name) is not { Length: > 0 } text) return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, text, most == int.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}");
    }

    private static SettingsException Wrong(string name, string value, string wanted) => new($"{name} is '{value}'; it must be {wanted}.");
}
