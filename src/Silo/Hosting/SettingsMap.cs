using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Integrations;
using Grainflow.Engine.Execution;
using Grainflow.Gateway;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.WebSockets;
using Grainflow.Grains;
using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Scheduling;
using Grainflow.Grains.Webhooks;
using Grainflow.Silo.RunFiles;
using Grainflow.Silo.Telemetry;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.Execution;
using Grainflow.WebConsole;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// The environment variables of the contract (semantics section 10) and the option that each one sets. The text of each is checked here, so that a wrong value
/// is refused by name before anything is made; the options are bound and validated by the framework. A range is read from the option, which owns it.
/// </summary>
internal static partial class SettingsMap
{
    /// <summary>One variable.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Allowed">What it may be, as "it must be ..." goes on.</param>
    /// <param name="Read">Turns its text into configuration values by path; throws <see cref="FormatException"/> for a text that is not allowed.</param>
    /// <param name="Default">The text that stands for an absent variable where the option itself has no default, or null.</param>
    internal sealed record Setting(string Name, string Allowed, Func<string, IEnumerable<KeyValuePair<string, string?>>> Read, string? Default = null);

    /// <summary>Every variable but those that <see cref="Settings"/> reads itself.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Flag("ENABLE_CREDIT", GrainflowOptions.Section, nameof(GrainflowOptions.EnableCredit)),
        Number<GrainflowOptions>("NUM_USER_CREDITS_REFILL", GrainflowOptions.Section, nameof(GrainflowOptions.NumUserCreditsRefill)),
        Flag("ENABLE_PLATFORM_PAYMENT", GrainflowOptions.Section, nameof(GrainflowOptions.EnablePlatformPayment)),
        Number<LedgerOptions>("LOW_BALANCE_THRESHOLD", LedgerOptions.Section, nameof(LedgerOptions.LowBalanceThreshold)),
        Number<GrainflowOptions>("MAX_CONCURRENT_GRAPH_EXECUTIONS_PER_USER", GrainflowOptions.Section, nameof(GrainflowOptions.MaxConcurrentGraphExecutionsPerUser)),
        Number<GrainflowOptions>("MAX_CONCURRENT_EXECUTIONS_PER_USER", GrainflowOptions.Section, nameof(GrainflowOptions.MaxConcurrentExecutionsPerUser)),
        Number<GrainflowOptions>("MAX_RUNS_PER_SILO", GrainflowOptions.Section, nameof(GrainflowOptions.MaxRunsPerSilo)),
        Number("MAX_BLOCK_MINUTES", GrainflowOptions.Section, nameof(GrainflowOptions.BlockTimeLimit), 1, 24 * 60, minutes => TimeSpan.FromMinutes(minutes).ToString("c", CultureInfo.InvariantCulture)),
        Number("SHUTDOWN_DRAIN_SECONDS", GrainflowOptions.Section, nameof(GrainflowOptions.ShutdownDrain), 0, 3600, seconds => TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)),
        Number("SUPERVISION_SECONDS", GrainflowOptions.Section, nameof(GrainflowOptions.SupervisionInterval), 1, 3600, seconds => TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)),
        Flag("RUN_AHEAD", GrainflowOptions.Section, nameof(GrainflowOptions.RunAhead)),

        Number<RunLimits>("MAX_NODE_EXECUTIONS_PER_RUN", Limits, nameof(RunLimits.MaxNodeExecutions)),
        Number<RunLimits>("MAX_CREATED_NODE_EXECUTIONS_PER_RUN", Limits, nameof(RunLimits.MaxCreatedExecutions)),
        Number<RunLimits>("MAX_NODE_ATTEMPTS", Limits, nameof(RunLimits.MaxAttempts)),
        Number<RunLimits>("MAX_OUTPUTS_PER_NODE_EXECUTION", Limits, nameof(RunLimits.MaxOutputsPerExecution)),
        Number<RunLimits>("MAX_OUTPUT_BYTES", Limits, nameof(RunLimits.MaxOutputBytes)),
        Number("MAX_RUN_HOURS", Limits, nameof(RunLimits.MaxDuration), 1, RunLimits.MostRunHours, hours => TimeSpan.FromHours(hours).ToString("c", CultureInfo.InvariantCulture)),
        Number("MAX_OPEN_MEGABYTES_PER_RUN", Limits, nameof(RunLimits.MaxOpenBytes), 1, RunLimits.MostOpenMegabytes, megabytes => Text(megabytes * 1024 * 1024)),

        Number<ExecutionLogOptions>("EXECUTION_COST_COUNT_THRESHOLD", ExecutionLogOptions.Section, nameof(ExecutionLogOptions.ExecutionCostCountThreshold)),
        Number<ExecutionLogOptions>("EXECUTION_COST_PER_THRESHOLD", ExecutionLogOptions.Section, nameof(ExecutionLogOptions.ExecutionCostPerThreshold)),

        new("TRUST_ENDPOINTS_FOR_REQUESTS", """a JSON list of hosts, host:port or origins such as ["http://127.0.0.1:9000"]""",
            text => List(OutgoingHttpOptions.Section, nameof(OutgoingHttpOptions.TrustedEndpoints), OutgoingHttpOptions.ParseTrustedEndpoints(text))),
        Address("OPENAI_BASE_URL", ChatModelOptions.Section, nameof(ChatModelOptions.OpenAiBaseUrl), "http://localhost:1234/v1"),
        .. ChatModelOptions.Providers.Select(provider => Address(provider.ToUpperInvariant() + "_BASE_URL", ChatModelOptions.Section, $"{nameof(ChatModelOptions.BaseUrls)}:{provider}", "http://localhost:1234/v1")),
        Flag("MODEL_STREAMING", ChatModelOptions.Section, nameof(ChatModelOptions.Streaming)),
        Number("MODEL_TIMEOUT_SECONDS", ChatModelOptions.Section, nameof(ChatModelOptions.Timeout), 1, 24 * 3600, seconds => TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)),
        Number("MODEL_STALL_SECONDS", ChatModelOptions.Section, nameof(ChatModelOptions.Stall), 1, 24 * 3600, seconds => TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)),
        Number("MODEL_RATE_LIMIT_SECONDS", ChatModelOptions.Section, nameof(ChatModelOptions.RateLimitWait), 0, 24 * 3600, seconds => TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)),
        Number<ChatModelOptions>("UNKNOWN_MODEL_CONTEXT", ChatModelOptions.Section, nameof(ChatModelOptions.UnknownContextWindow)),
        Number<ChatModelOptions>("UNKNOWN_MODEL_OUTPUT", ChatModelOptions.Section, nameof(ChatModelOptions.UnknownMaxOutput)),
        Number<ChatModelOptions>("UNKNOWN_MODEL_INPUT_CREDITS", ChatModelOptions.Section, nameof(ChatModelOptions.UnknownInputCredits)),
        Number<ChatModelOptions>("UNKNOWN_MODEL_OUTPUT_CREDITS", ChatModelOptions.Section, nameof(ChatModelOptions.UnknownOutputCredits)),
        Number<ChatModelOptions>("UNKNOWN_MODEL_MAX_CREDITS", ChatModelOptions.Section, nameof(ChatModelOptions.UnknownMaxCredits)),
        .. SystemCredentials.Ids.Keys.Where(provider => provider != SystemCredentials.Proxy).Select(provider =>
            new Setting(provider.ToUpperInvariant() + "_API_KEY", "a key", text => One(SystemCredentialOptions.Section, $"{nameof(SystemCredentialOptions.ApiKeys)}:{provider}", Key(provider, text)))),

        .. IntegrationOptions.Names.Select(name => Address(name.ToUpperInvariant() + "_API_BASE", IntegrationOptions.Section, $"{nameof(IntegrationOptions.Bases)}:{name}", "http://localhost:9090")),

        .. OAuthOptions.Providers.Order(StringComparer.Ordinal).SelectMany(OAuthClientOf),
        new("WEBSHARE_PROXY_USERNAME", "a text", text => One(SystemCredentialOptions.Section, nameof(SystemCredentialOptions.WebshareProxyUsername), Secret("WEBSHARE_PROXY_USERNAME", text))),
        new("WEBSHARE_PROXY_PASSWORD", "a text", text => One(SystemCredentialOptions.Section, nameof(SystemCredentialOptions.WebshareProxyPassword), Secret("WEBSHARE_PROXY_PASSWORD", text))),

        new("ENCRYPTION_KEY", "a key", text => One(EncryptionOptions.Section, nameof(EncryptionOptions.Key), EncryptionKeyText("ENCRYPTION_KEY", text, most: 1))),
        new("ENCRYPTION_KEY_OLD", "keys", text => One(EncryptionOptions.Section, nameof(EncryptionOptions.OlderKeys), EncryptionKeyText("ENCRYPTION_KEY_OLD", text, most: int.MaxValue))),

        new("STRIPE_API_KEY", "a key", text => One(PaymentOptions.Section, nameof(PaymentOptions.StripeApiKey), Secret("STRIPE_API_KEY", text))),
        Address("STRIPE_API_BASE", PaymentOptions.Section, nameof(PaymentOptions.StripeApiBase), "http://localhost:12111"),
        new("STRIPE_WEBHOOK_SECRET", "a secret, or several with commas between", text => One(PaymentOptions.Section, nameof(PaymentOptions.StripeWebhookSecret), Secret("STRIPE_WEBHOOK_SECRET", text))),
        Address("FRONTEND_BASE_URL", [(PaymentOptions.Section, nameof(PaymentOptions.FrontendBaseUrl)), (GatewayOptions.Section, nameof(GatewayOptions.FrontendBaseUrl))], "https://platform.example.com"),
        Address("PLATFORM_BASE_URL", [(PaymentOptions.Section, nameof(PaymentOptions.PlatformBaseUrl)), (WebhookOptions.Section, nameof(WebhookOptions.PlatformBaseUrl)), (GatewayOptions.Section, nameof(GatewayOptions.PlatformBaseUrl))], "https://platform.example.com"),
        Number<PaymentOptions>("REFUND_CREDIT_TOLERANCE_THRESHOLD", PaymentOptions.Section, nameof(PaymentOptions.RefundTolerance)),

        Address("GITHUB_API_BASE", WebhookOptions.Section, nameof(WebhookOptions.GitHubApiBase), "https://github.example.com/api/v3"),
        Address("SLANT3D_API_BASE", WebhookOptions.Section, nameof(WebhookOptions.Slant3DApiBase), "https://www.slant3dapi.com/api"),
        Number<WebhookOptions>("WEBHOOK_DELIVERY_DAYS", WebhookOptions.Section, nameof(WebhookOptions.DeliveryDays)),
        Number<WebhookOptions>("WEBHOOK_DELIVERY_ROWS", WebhookOptions.Section, nameof(WebhookOptions.DeliveryRows)),
        Number<ConsoleOptions>("CONSOLE_MAX_CIRCUITS", ConsoleOptions.Section, nameof(ConsoleOptions.MaxCircuits)),
        Number<GatewayOptions>("WEBHOOK_MAX_BYTES", GatewayOptions.Section, nameof(GatewayOptions.MaxWebhookBytes)),
        Number<GatewayOptions>("WEBHOOK_RATE_LIMIT_PER_MINUTE", GatewayOptions.Section, nameof(GatewayOptions.WebhooksPerMinute)),

        Number<RunFileOptions>("RUN_FILE_DATABASE_MEGABYTES", RunFileOptions.Section, nameof(RunFileOptions.DatabaseMegabytes)),
        Word("RUN_FILE_S3_BUCKET", RunFileOptions.Section, nameof(RunFileOptions.S3Bucket)),
        Word("RUN_FILE_S3_REGION", RunFileOptions.Section, nameof(RunFileOptions.S3Region)),
        Address("RUN_FILE_S3_ENDPOINT", RunFileOptions.Section, nameof(RunFileOptions.S3Endpoint), "http://localhost:9000"),
        Word("RUN_FILE_S3_ACCESS_KEY_ID", RunFileOptions.Section, nameof(RunFileOptions.S3AccessKeyId)),
        Word("RUN_FILE_S3_SECRET_ACCESS_KEY", RunFileOptions.Section, nameof(RunFileOptions.S3SecretAccessKey)),

        Number<GatewayOptions>("UPLOAD_FILE_SIZE_LIMIT_MB", GatewayOptions.Section, nameof(GatewayOptions.UploadMegabytes)),

        Flag("CLAMAV_SERVICE_ENABLED", VirusScanOptions.Section, nameof(VirusScanOptions.Enabled)),
        Word("CLAMAV_SERVICE_HOST", VirusScanOptions.Section, nameof(VirusScanOptions.Host)),
        Number<VirusScanOptions>("CLAMAV_SERVICE_PORT", VirusScanOptions.Section, nameof(VirusScanOptions.Port)),
        Number<VirusScanOptions>("CLAMAV_SERVICE_TIMEOUT", VirusScanOptions.Section, nameof(VirusScanOptions.TimeoutSeconds)),
        Number<VirusScanOptions>("CLAMAV_MAX_CONCURRENCY", VirusScanOptions.Section, nameof(VirusScanOptions.MaxConcurrency)),
        Flag("CLAMAV_MARK_FAILED_SCANS_AS_CLEAN", VirusScanOptions.Section, nameof(VirusScanOptions.MarkFailedScansAsClean)),

        Flag("ENABLE_AUTH", GatewayOptions.Section, nameof(GatewayOptions.EnableAuth), "false"),
        Word("SUPABASE_JWT_SECRET", GatewayOptions.Section, nameof(GatewayOptions.JwtVerifyKey)),
        Word("JWT_VERIFY_KEY", GatewayOptions.Section, nameof(GatewayOptions.JwtVerifyKey)),
        Word("JWT_SIGN_ALGORITHM", GatewayOptions.Section, nameof(GatewayOptions.JwtSignAlgorithm)),
        Address("JWT_JWKS_URL", GatewayOptions.Section, nameof(GatewayOptions.JwtJwksUrl), "https://auth.example.com/.well-known/jwks.json"),
        Word("JWT_ISSUER", GatewayOptions.Section, nameof(GatewayOptions.JwtIssuer)),
        new("BACKEND_CORS_ALLOW_ORIGINS", """a JSON list of origins, for example ["http://localhost:3000"]""",
            text => List(GatewayOptions.Section, nameof(GatewayOptions.CorsAllowOrigins), Origins(text)), """["http://localhost:3000"]"""),
        new("EXTERNAL_OAUTH_CALLBACK_ORIGINS", """a JSON list of origins, for example ["https://app.example.com"]""",
            text => List(GatewayOptions.Section, nameof(GatewayOptions.ExternalOAuthCallbackOrigins), CallbackOrigins(text)), """["https://app.example.com"]"""),
        Number<GatewayOptions>("API_RATE_LIMIT_PER_MINUTE", GatewayOptions.Section, nameof(GatewayOptions.RequestsPerMinute)),
        Number<SchedulerOptions>("SCHEDULE_HISTORY_DAYS", SchedulerOptions.Section, nameof(SchedulerOptions.HistoryDays)),
        Number<SchedulerOptions>("SCHEDULE_HISTORY_ROWS", SchedulerOptions.Section, nameof(SchedulerOptions.HistoryRows)),
        Number<SchedulerOptions>("SCHEDULER_MAX_RUNS_PER_USER", SchedulerOptions.Section, nameof(SchedulerOptions.MaxTriggeredRunsPerUser)),
        Number<SchedulerOptions>("SCHEDULER_MAX_STARTS_PER_SECOND", SchedulerOptions.Section, nameof(SchedulerOptions.MaxTriggeredStartsPerSecond)),
        Choice<GatewayOptions>("CRON_DIALECT", GatewayOptions.Section, nameof(GatewayOptions.CronDialect)),
        Number<LiveOptions>("MAX_MESSAGE_SIZE_LIMIT", LiveOptions.Section, nameof(LiveOptions.MaxMessageBytes)),

        Flag("ENABLE_SYSTEM_TASKS", SystemTaskOptions.Section, nameof(SystemTaskOptions.Enabled)),
        Number<SystemTaskOptions>("EXECUTION_LATE_NOTIFICATION_THRESHOLD_SECS", SystemTaskOptions.Section, nameof(SystemTaskOptions.LateThresholdSeconds)),
        Fraction("BLOCK_ERROR_RATE_THRESHOLD", SystemTaskOptions.Section, nameof(SystemTaskOptions.BlockErrorRateThreshold)),
        Number<SystemTaskOptions>("BLOCK_ERROR_RATE_CHECK_INTERVAL_SECS", SystemTaskOptions.Section, nameof(SystemTaskOptions.BlockErrorRateSeconds)),
        Number<SystemTaskOptions>("BLOCK_ERROR_INCLUDE_TOP_BLOCKS", SystemTaskOptions.Section, nameof(SystemTaskOptions.TopBlocks)),
        Number<SystemTaskOptions>("EXECUTION_ACCURACY_CHECK_INTERVAL_HOURS", SystemTaskOptions.Section, nameof(SystemTaskOptions.AccuracyHours)),
        Number<SystemTaskOptions>("CLOUD_STORAGE_CLEANUP_INTERVAL_HOURS", SystemTaskOptions.Section, nameof(SystemTaskOptions.FileCleanupHours)),
        Number<SystemTaskOptions>("OAUTH_TOKEN_CLEANUP_INTERVAL_HOURS", SystemTaskOptions.Section, nameof(SystemTaskOptions.OAuthCleanupHours)),

        Flag("ENABLE_METRICS", TelemetryOptions.Section, nameof(TelemetryOptions.EnableMetrics)),
        Address("OTEL_EXPORTER_OTLP_ENDPOINT", TelemetryOptions.Section, nameof(TelemetryOptions.OtlpEndpoint), "http://localhost:4318"),
        Choice<TelemetryOptions>("OTEL_EXPORTER_OTLP_PROTOCOL", TelemetryOptions.Section, nameof(TelemetryOptions.OtlpProtocol)),
        Word("OTEL_SERVICE_NAME", TelemetryOptions.Section, nameof(TelemetryOptions.ServiceName)),
    ];

    private const int MostShown = 200;

    private const string EnableCredit = $"{GrainflowOptions.Section}:{nameof(GrainflowOptions.EnableCredit)}";

    private const string EnableAuth = $"{GatewayOptions.Section}:{nameof(GatewayOptions.EnableAuth)}";

    private const string Limits = $"{GrainflowOptions.Section}:{nameof(GrainflowOptions.RunLimits)}";

    /// <summary>The configuration that the environment makes.</summary>
    /// <param name="variable">Looks up a variable; an empty one counts as absent.</param>
    /// <exception cref="SettingsException">A value is not allowed.</exception>
    public static IReadOnlyDictionary<string, string?> Read(Func<string, string?> variable)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in All)
        {
            var text = variable(setting.Name) is { Length: > 0 } given ? given : setting.Default;
            if (text is null) continue;
            try
            {
                foreach (var (path, value) in setting.Read(text)) values[path] = value;
            }
            catch (FormatException exception)
            {
                throw Wrong(setting.Name, text, setting.Allowed + (exception.Message.Length > 0 ? $" ({exception.Message})" : ""));
            }
        }

        // Decision 11: who runs agents on a machine of his own does not run out of credits.
        values.TryAdd(EnableCredit, values[EnableAuth]);
        return values;
    }

    /// <summary>The error for a value that is not allowed. The value is on one line, has stars in the place of passwords in addresses, and is cut where it is long.</summary>
    public static SettingsException Wrong(string name, string value, string allowed)
    {
        var shown = AddressPassword().Replace(string.Concat(value.Select(character => char.IsControl(character) ? ' ' : character)), ":***@");
        return new SettingsException($"{name} is '{(shown.Length <= MostShown ? shown : shown[..MostShown] + "...")}'; it must be {allowed}.");
    }

    /// <summary>True or false, also as 1 or 0; null for any other text.</summary>
    public static bool? ToFlag(string text) => text switch
    {
        _ when text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        _ when text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        _ => null,
    };

    /// <summary>A whole number in digits, from <paramref name="least"/> to <paramref name="most"/>; null for any other text.</summary>
    public static long? ToNumber(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;

    /// <summary>A range in words.</summary>
    public static string Range(long least, long most) => most == int.MaxValue ? $"a whole number, {Text(least)} or more" : $"a whole number from {Text(least)} to {Text(most)}";

    [GeneratedRegex("(?<=(^[A-Za-z]+:/|//)[^/@]*):[^/@]*@", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AddressPassword();

    /// <summary>A key, which goes into a header. The message does not show it.</summary>
    private static string Key(string provider, string text) => text.All(character => character is >= ' ' and <= '~')
        ? text
        : throw new SettingsException($"{provider.ToUpperInvariant()}_API_KEY has a line feed or another character that no key has; it must be printable ASCII.");

    /// <summary>The client of the platform at a provider of OAuth, and the address of the provider's endpoints.</summary>
    private static IEnumerable<Setting> OAuthClientOf(string provider)
    {
        var (prefix, client) = (provider.ToUpperInvariant(), $"{nameof(OAuthOptions.Clients)}:{provider}");
        yield return new(prefix + "_CLIENT_ID", "an id", text => One(OAuthOptions.Section, $"{client}:{nameof(OAuthClientKey.Id)}", Secret(prefix + "_CLIENT_ID", text)));
        yield return new(prefix + "_CLIENT_SECRET", "a secret", text => One(OAuthOptions.Section, $"{client}:{nameof(OAuthClientKey.Secret)}", Secret(prefix + "_CLIENT_SECRET", text)));
        yield return Address(prefix + "_OAUTH_BASE", OAuthOptions.Section, $"{nameof(OAuthOptions.Bases)}:{provider}", "http://localhost:9090");
    }

    /// <summary>A key, an id or a secret. The message does not show it.</summary>
    private static string Secret(string name, string text) => text.All(character => character is > ' ' and <= '~')
        ? text
        : throw new SettingsException($"{name} has a space, a line feed or another character that no key has; it must be printable ASCII without spaces.");

    /// <summary>One or several keys that secrets are encrypted with. The message does not show them.</summary>
    private static string EncryptionKeyText(string name, string text, int most)
    {
        try
        {
            if (EncryptionKeys.ParseAll(text).Count <= most) return text;
        }
        catch (FormatException exception)
        {
            throw new SettingsException($"{name} cannot be read. {exception.Message}");
        }

        throw new SettingsException($"{name} has a comma; it must be one key. Put older ones into ENCRYPTION_KEY_OLD.");
    }

    private static Setting Flag(string name, string section, string property, string? absent = null) =>
        new(name, "true or false", text => One(section, property, ToFlag(text) is { } flag ? flag.ToString() : throw new FormatException("")), absent);

    /// <summary>A number whose range is that of the option.</summary>
    private static Setting Number<T>(string name, string section, string property)
    {
        var range = typeof(T).GetProperty(property)!.GetCustomAttribute<RangeAttribute>() ?? throw new InvalidOperationException($"{typeof(T).Name}.{property} has no range.");
        return Number(name, section, property, Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture), Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture), Text);
    }

    private static Setting Number(string name, string section, string property, long least, long most, Func<long, string> convert) =>
        new(name, Range(least, most), text => One(section, property, ToNumber(text, least, most) is { } number ? convert(number) : throw new FormatException("")));

    /// <summary>A share from 0 to 1, as a decimal number.</summary>
    private static Setting Fraction(string name, string section, string property) => new(
        name, "a number from 0 to 1, for example 0.5",
        text => One(section, property, double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share <= 1 ? text : throw new FormatException("")));

    private static Setting Word(string name, string section, string property) => new(name, "a text", text => One(section, property, text));

    private static Setting Choice<T>(string name, string section, string property)
    {
        var allowed = typeof(T).GetProperty(property)!.GetCustomAttribute<AllowedValuesAttribute>()!.Values.Cast<string>().ToList();
        return new(name, string.Join(" or ", allowed), text => One(section, property, allowed.Contains(text, StringComparer.Ordinal) ? text : throw new FormatException("")));
    }

    private static Setting Address(string name, string section, string property, string example) => Address(name, [(section, property)], example);

    private static Setting Address(string name, IReadOnlyList<(string Section, string Property)> options, string example) => new(
        name, $"an absolute address, for example {example}",
        text => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https") ? options.SelectMany(option => One(option.Section, option.Property, text)) : throw new FormatException(""));

    private static IReadOnlyList<string> Origins(string text)
    {
        try
        {
            var origins = JsonSerializer.Deserialize<List<string?>>(text) ?? [null];
            return [.. origins.Select(origin => origin is not null && RequestOrigins.IsValid(origin) ? origin.TrimEnd('/') : throw new FormatException(""))];
        }
        catch (JsonException exception)
        {
            throw new FormatException("", exception);
        }
    }

    /// <summary>Origins without patterns: what comes back to them has the code of a login.</summary>
    private static IReadOnlyList<string> CallbackOrigins(string text) =>
        [.. Origins(text).Select(origin => Uri.TryCreate(origin, UriKind.Absolute, out var address) && origin == address.GetLeftPart(UriPartial.Authority) ? origin : throw new FormatException(""))];

    private static IEnumerable<KeyValuePair<string, string?>> One(string section, string property, string value) => [KeyValuePair.Create<string, string?>($"{section}:{property}", value)];

    private static IEnumerable<KeyValuePair<string, string?>> List(string section, string property, IReadOnlyList<string> values) =>
        values.Select((value, index) => KeyValuePair.Create<string, string?>($"{section}:{property}:{Text(index)}", value));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
