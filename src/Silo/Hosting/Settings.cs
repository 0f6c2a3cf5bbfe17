using System.Globalization;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Gateway.Auth;

namespace Grainflow.Silo.Hosting;

/// <summary>Settings from the environment, under the contract's names (semantics section 10). A wrong value is refused with its cure.</summary>
internal sealed record Settings
{
    /// <summary>OTLP over gRPC.</summary>
    public const string Grpc = "grpc";

    /// <summary>OTLP over HTTP, in protobuf.</summary>
    public const string HttpProtobuf = "http/protobuf";

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

    /// <summary>Runs of one user that may run at once (decision 24).</summary>
    public int MaxConcurrentExecutionsPerUser { get; init; } = 50;

    /// <summary>Node executions after which a run fails (decision 30).</summary>
    public int MaxNodeExecutionsPerRun { get; init; } = 50_000;

    /// <summary>Hours of running after which a run fails (decision 30).</summary>
    public int MaxRunHours { get; init; } = 24;

    /// <summary>Attempts at a node execution whose process ended under them, after which it fails. 1 to 1,000.</summary>
    public int MaxNodeAttempts { get; init; } = 3;

    /// <summary>Node executions that a run may create, those that wait for inputs included, before it fails. 1 or more.</summary>
    public int MaxCreatedNodeExecutionsPerRun { get; init; } = 200_000;

    /// <summary>Outputs of one node execution, after which it fails. 1 or more.</summary>
    public int MaxOutputsPerNodeExecution { get; init; } = 100_000;

    /// <summary>Bytes of one output, beyond which its node fails. 1 to 32 MiB, because messages and commits have room for that.</summary>
    public int MaxOutputBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>MiB of values that a run may hold in memory before it fails. 1 to 65,536.</summary>
    public int MaxOpenMegabytesPerRun { get; init; } = 256;

    /// <summary>Whether nodes that only compute may run before the commit of their dispatch is durable; false makes every step wait for its commit.</summary>
    public bool RunAhead { get; init; } = true;

    public int ExecutionCostCountThreshold { get; init; } = 100;

    public int ExecutionCostPerThreshold { get; init; } = 1;

    /// <summary>Private endpoints that blocks may call.</summary>
    public IReadOnlyList<string> TrustedEndpoints { get; init; } = [];

    /// <summary>Another address for OpenAI's API, or null.</summary>
    public string? OpenAiBaseUrl { get; init; }

    /// <summary>False makes every caller the default user with role admin (decision 3).</summary>
    public bool EnableAuth { get; init; }

    /// <summary>The key that user tokens are checked with: a secret, or a public key in PEM; empty when there is none.</summary>
    public string JwtVerifyKey { get; init; } = "";

    /// <summary>The algorithms that tokens may be signed with, with commas between.</summary>
    public string JwtSignAlgorithm { get; init; } = "HS256";

    /// <summary>The address of the issuer's public keys, or null.</summary>
    public Uri? JwtJwksUrl { get; init; }

    /// <summary>The issuer that tokens must name, or null for any.</summary>
    public string? JwtIssuer { get; init; }

    /// <summary>Origins of web pages that may call the API.</summary>
    public IReadOnlyList<string> BackendCorsAllowOrigins { get; init; } = ["http://localhost:3000"];

    /// <summary>The address that the server listens on.</summary>
    public string AgentApiHost { get; init; } = "127.0.0.1";

    public int AgentApiPort { get; init; } = 8000;

    /// <summary>The port of the WebSocket alone, or null for the one after the server's.</summary>
    public int? WebsocketServerPort { get; init; }

    /// <summary>Requests per caller and minute; 0 sets no limit.</summary>
    public int ApiRateLimitPerMinute { get; init; } = 1200;

    /// <summary>Bytes of the largest WebSocket message; larger values in it are shortened.</summary>
    public int MaxMessageSizeLimit { get; init; } = 16 * 1024 * 1024;

    /// <summary>Whether <c>GET /metrics</c> is served (contract: semantics 9.4).</summary>
    public bool EnableMetrics { get; init; } = true;

    /// <summary>The collector that spans and metrics are sent to, or null for none; the name is OpenTelemetry's.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary><see cref="Grpc"/> or <see cref="HttpProtobuf"/>.</summary>
    public string OtlpProtocol { get; init; } = HttpProtobuf;

    /// <summary>What this service is called there.</summary>
    public string OtelServiceName { get; init; } = "grainflow";

    /// <summary>API key by provider.</summary>
    public IReadOnlyDictionary<string, string> ApiKeys { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Looks up a variable.</param>
    /// <exception cref="SettingsException">A value is missing or wrong.</exception>
    public static Settings Read(Func<string, string?> variable) => Checked(new Settings
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
        MaxConcurrentExecutionsPerUser = Number(variable, "MAX_CONCURRENT_EXECUTIONS_PER_USER", 50, 1, 10_000),
        MaxNodeExecutionsPerRun = Number(variable, "MAX_NODE_EXECUTIONS_PER_RUN", 50_000, 1, int.MaxValue),
        MaxRunHours = Number(variable, "MAX_RUN_HOURS", 24, 1, 24 * 365),
        MaxNodeAttempts = Number(variable, "MAX_NODE_ATTEMPTS", 3, 1, 1000),
        MaxCreatedNodeExecutionsPerRun = Number(variable, "MAX_CREATED_NODE_EXECUTIONS_PER_RUN", 200_000, 1, int.MaxValue),
        MaxOutputsPerNodeExecution = Number(variable, "MAX_OUTPUTS_PER_NODE_EXECUTION", 100_000, 1, int.MaxValue),
        MaxOutputBytes = Number(variable, "MAX_OUTPUT_BYTES", 32 * 1024 * 1024, 1, 32 * 1024 * 1024),
        MaxOpenMegabytesPerRun = Number(variable, "MAX_OPEN_MEGABYTES_PER_RUN", 256, 1, 65_536),
        RunAhead = Flag(variable, "RUN_AHEAD", true),
        ExecutionCostCountThreshold = Number(variable, "EXECUTION_COST_COUNT_THRESHOLD", 100, 1, int.MaxValue),
        ExecutionCostPerThreshold = Number(variable, "EXECUTION_COST_PER_THRESHOLD", 1, 0, int.MaxValue),
        TrustedEndpoints = Endpoints(variable("TRUST_ENDPOINTS_FOR_REQUESTS")),
        OpenAiBaseUrl = variable("OPENAI_BASE_URL") is { Length: > 0 } address
            ? Uri.TryCreate(address, UriKind.Absolute, out _) ? address : throw Wrong("OPENAI_BASE_URL", address, "an absolute address, for example http://localhost:1234/v1")
            : null,
        ApiKeys = SystemCredentials.Ids.Keys
            .Select(provider => KeyValuePair.Create(provider, variable(provider.ToUpperInvariant() + "_API_KEY") ?? ""))
            .Where(key => key.Value.Length > 0)
            .ToDictionary(StringComparer.Ordinal),
        EnableAuth = Flag(variable, "ENABLE_AUTH", false),
        JwtVerifyKey = variable("JWT_VERIFY_KEY") is { Length: > 0 } key ? key : variable("SUPABASE_JWT_SECRET") ?? "",
        JwtSignAlgorithm = variable("JWT_SIGN_ALGORITHM") is { Length: > 0 } algorithm ? algorithm : "HS256",
        JwtJwksUrl = Address(variable, "JWT_JWKS_URL", "https://auth.example.com/.well-known/jwks.json"),
        JwtIssuer = variable("JWT_ISSUER") is { Length: > 0 } issuer ? issuer : null,
        BackendCorsAllowOrigins = Origins(variable("BACKEND_CORS_ALLOW_ORIGINS")),
        AgentApiHost = variable("AGENT_API_HOST") is { Length: > 0 } host
            ? System.Net.IPAddress.TryParse(host, out _) ? host : throw Wrong("AGENT_API_HOST", host, "an address of this machine, for example 127.0.0.1 or 0.0.0.0")
            : "127.0.0.1",
        AgentApiPort = Number(variable, "AGENT_API_PORT", 8000, 1, 65535),
        WebsocketServerPort = variable("WEBSOCKET_SERVER_PORT") is { Length: > 0 } ? Number(variable, "WEBSOCKET_SERVER_PORT", 0, 1, 65535) : null,
        ApiRateLimitPerMinute = Number(variable, "API_RATE_LIMIT_PER_MINUTE", 1200, 0, int.MaxValue),
        MaxMessageSizeLimit = Number(variable, "MAX_MESSAGE_SIZE_LIMIT", 16 * 1024 * 1024, 1024, 1024 * 1024 * 1024),
        EnableMetrics = Flag(variable, "ENABLE_METRICS", true),
        OtlpEndpoint = Address(variable, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
        OtlpProtocol = variable("OTEL_EXPORTER_OTLP_PROTOCOL") switch
        {
            null or "" => HttpProtobuf,
            Grpc or HttpProtobuf => variable("OTEL_EXPORTER_OTLP_PROTOCOL")!,
            var other => throw Wrong("OTEL_EXPORTER_OTLP_PROTOCOL", other, $"{HttpProtobuf} or {Grpc}"),
        },
        OtelServiceName = variable("OTEL_SERVICE_NAME") is { Length: > 0 } service ? service : "grainflow",
    }, variable("APP_ENV"));

    private static Settings Checked(Settings settings, string? environment)
    {
        if (environment is not (null or "" or "local" or "dev" or "prod")) throw Wrong("APP_ENV", environment, "local, dev or prod");
        if (environment == "prod" && !settings.EnableAuth)
            throw new SettingsException("APP_ENV is 'prod' and ENABLE_AUTH is not true: everybody would be an administrator. Set ENABLE_AUTH=true and JWT_VERIFY_KEY.");
        if (!settings.EnableAuth && !System.Net.IPAddress.IsLoopback(System.Net.IPAddress.Parse(settings.AgentApiHost)))
            throw new SettingsException($"AGENT_API_HOST is '{settings.AgentApiHost}' and ENABLE_AUTH is not true: everybody in the network would be an administrator. Set ENABLE_AUTH=true and JWT_VERIFY_KEY, or listen on 127.0.0.1.");
        try
        {
            if (settings.EnableAuth) TokenKeys.Read(settings.JwtSignAlgorithm, settings.JwtVerifyKey, settings.JwtJwksUrl);
            else TokenKeys.ReadAlgorithms(settings.JwtSignAlgorithm);
        }
        catch (FormatException exception)
        {
            throw new SettingsException(exception.Message);
        }

        return settings;
    }

    private static IReadOnlyList<string> Origins(string? text)
    {
        if (text is null or "") return ["http://localhost:3000"];
        try
        {
            var origins = System.Text.Json.JsonSerializer.Deserialize<List<string?>>(text) ?? [null];
            return [.. origins.Select(origin => origin is null || !RequestOrigins.IsValid(origin) ? throw new FormatException("It is not an origin.") : origin.TrimEnd('/'))];
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or FormatException)
        {
            throw Wrong("BACKEND_CORS_ALLOW_ORIGINS", text, "a JSON list of origins, for example [\"http://localhost:3000\"]");
        }
    }

    private static IReadOnlyList<string> Endpoints(string? text)
    {
        try
        {
            return OutgoingHttpOptions.ParseTrustedEndpoints(text);
        }
        catch (FormatException exception)
        {
            throw Wrong("TRUST_ENDPOINTS_FOR_REQUESTS", text!, $"a JSON list of hosts, host:port or origins such as [\"http://127.0.0.1:9000\"] ({exception.Message})");
        }
    }

    private static Uri? Address(Func<string, string?> variable, string name, string example) => variable(name) switch
    {
        null or "" => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https") => address,
        var text => throw Wrong(name, text, $"an absolute address, for example {example}"),
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
