using System.ComponentModel.DataAnnotations;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Integrations;
using Grainflow.Engine.Execution;
using Grainflow.Gateway;
using Grainflow.Gateway.WebSockets;
using Grainflow.Grains;
using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Scheduling;
using Grainflow.Grains.Webhooks;
using Grainflow.Silo.Hosting;
using Grainflow.Silo.RunFiles;
using Grainflow.Silo.Telemetry;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Credentials;
using Grainflow.Storage.Execution;
using Grainflow.WebConsole;

namespace Grainflow.Silo.Tests;

public sealed class SettingsTests
{
    private const string AnyKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    private static readonly Dictionary<string, string> Least = new(StringComparer.Ordinal) { ["DATABASE_URL"] = "postgres://localhost/x" };

    [Fact]
    public void Defaults_are_those_of_the_contract()
    {
        var settings = Read(Least);
        var execution = settings.Bind<GrainflowOptions>(GrainflowOptions.Section);
        Assert.Equal(1500, execution.NumUserCreditsRefill);
        Assert.Equal(25, execution.MaxConcurrentGraphExecutionsPerUser);
        Assert.Equal(50, execution.MaxConcurrentExecutionsPerUser);
        Assert.Equal(new RunLimits(), execution.RunLimits);
        Assert.Equal(50_000, execution.RunLimits.MaxNodeExecutions);
        Assert.Equal(TimeSpan.FromHours(24), execution.RunLimits.MaxDuration);
        var log = settings.Bind<ExecutionLogOptions>(ExecutionLogOptions.Section);
        Assert.Equal((100, 1), (log.ExecutionCostCountThreshold, log.ExecutionCostPerThreshold));
        Assert.Empty(settings.Bind<SystemCredentialOptions>(SystemCredentialOptions.Section).ApiKeys);
        Assert.True(settings.Telemetry.EnableMetrics);
        Assert.Equal((null, "http/protobuf", "grainflow"), (settings.Telemetry.OtlpEndpoint, settings.Telemetry.OtlpProtocol, settings.Telemetry.ServiceName));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, "true", true)]
    [InlineData(null, "false", false)]
    [InlineData("true", null, true)]
    [InlineData("1", "false", true)]
    [InlineData("false", "true", false)]
    public void Credits_are_on_with_accounts_unless_they_are_set(string? credit, string? auth, bool on)
    {
        var variables = new Dictionary<string, string>(Least, StringComparer.Ordinal) { ["JWT_VERIFY_KEY"] = "a key that is long enough to be a key" };
        if (credit is not null) variables["ENABLE_CREDIT"] = credit;
        if (auth is not null) variables["ENABLE_AUTH"] = auth;

        Assert.Equal(on, Read(variables).Bind<GrainflowOptions>(GrainflowOptions.Section).EnableCredit);
    }

    [Fact]
    public void System_tasks_have_the_names_and_defaults_of_the_contract()
    {
        var tasks = Read(Least).Bind<SystemTaskOptions>(SystemTaskOptions.Section);
        Assert.Equal((true, 300, 0.5, 86_400, 3), (tasks.Enabled, tasks.LateThresholdSeconds, tasks.BlockErrorRateThreshold, tasks.BlockErrorRateSeconds, tasks.TopBlocks));
        Assert.Equal((24, 6, 6), (tasks.AccuracyHours, tasks.FileCleanupHours, tasks.OAuthCleanupHours));
        tasks = Read(new(Least, StringComparer.Ordinal)
        {
            ["ENABLE_SYSTEM_TASKS"] = "false",
            ["EXECUTION_LATE_NOTIFICATION_THRESHOLD_SECS"] = "10",
            ["BLOCK_ERROR_RATE_THRESHOLD"] = "0.25",
            ["BLOCK_ERROR_RATE_CHECK_INTERVAL_SECS"] = "60",
            ["BLOCK_ERROR_INCLUDE_TOP_BLOCKS"] = "0",
            ["EXECUTION_ACCURACY_CHECK_INTERVAL_HOURS"] = "1",
            ["CLOUD_STORAGE_CLEANUP_INTERVAL_HOURS"] = "2",
            ["OAUTH_TOKEN_CLEANUP_INTERVAL_HOURS"] = "3",
        }).Bind<SystemTaskOptions>(SystemTaskOptions.Section);
        Assert.Equal((false, 10, 0.25, 60, 0), (tasks.Enabled, tasks.LateThresholdSeconds, tasks.BlockErrorRateThreshold, tasks.BlockErrorRateSeconds, tasks.TopBlocks));
        Assert.Equal((1, 2, 3), (tasks.AccuracyHours, tasks.FileCleanupHours, tasks.OAuthCleanupHours));
    }

    [Fact]
    public void Addresses_of_integrations_are_read_by_name()
    {
        var settings = Read(With("GOOGLE_MAPS_API_BASE", "http://localhost:9090/maps"));
        Assert.Equal([KeyValuePair.Create("google_maps", new Uri("http://localhost:9090/maps"))], settings.Bind<IntegrationOptions>(IntegrationOptions.Section).Bases);
        Assert.StartsWith("JINA_API_BASE is 'jina'; it must be an absolute address", Refusal("JINA_API_BASE", "jina"), StringComparison.Ordinal);
    }

    [Fact]
    public void Models_have_addresses_by_provider_and_limits_and_prices_where_nobody_knows_them()
    {
        var models = Read(Least).Bind<ChatModelOptions>(ChatModelOptions.Section);
        Assert.Equal((new Uri("https://api.openai.com/v1"), true, 600, 300, 120), (models.OpenAiBaseUrl, models.Streaming, models.Timeout.TotalSeconds, models.Stall.TotalSeconds, models.RateLimitWait.TotalSeconds));
        Assert.Equal((128_000, 32_768, 500, 2_500, 50), (models.UnknownContextWindow, models.UnknownMaxOutput, models.UnknownInputCredits, models.UnknownOutputCredits, models.UnknownMaxCredits));
        Assert.Empty(models.BaseUrls);

        models = Read(new(Least, StringComparer.Ordinal)
        {
            ["OLLAMA_BASE_URL"] = "http://localhost:11434",
            ["OPEN_ROUTER_BASE_URL"] = "http://localhost:1/v1",
            ["MODEL_STREAMING"] = "false",
            ["MODEL_TIMEOUT_SECONDS"] = "30",
            ["MODEL_STALL_SECONDS"] = "20",
            ["MODEL_RATE_LIMIT_SECONDS"] = "0",
            ["UNKNOWN_MODEL_CONTEXT"] = "8192",
            ["UNKNOWN_MODEL_OUTPUT"] = "1024",
            ["UNKNOWN_MODEL_INPUT_CREDITS"] = "1",
            ["UNKNOWN_MODEL_OUTPUT_CREDITS"] = "2",
            ["UNKNOWN_MODEL_MAX_CREDITS"] = "3",
        }).Bind<ChatModelOptions>(ChatModelOptions.Section);
        Assert.Equal([("ollama", "http://localhost:11434/"), ("open_router", "http://localhost:1/v1")], models.BaseUrls.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value.AbsoluteUri)));
        Assert.Equal((false, 30, 20, 0), (models.Streaming, models.Timeout.TotalSeconds, models.Stall.TotalSeconds, models.RateLimitWait.TotalSeconds));
        Assert.Equal((8192, 1024, 1, 2, 3), (models.UnknownContextWindow, models.UnknownMaxOutput, models.UnknownInputCredits, models.UnknownOutputCredits, models.UnknownMaxCredits));
    }

    [Fact]
    public void Clients_of_OAuth_are_read_by_provider()
    {
        var settings = Read(new(Least, StringComparer.Ordinal) { ["GITHUB_CLIENT_ID"] = "an-id", ["GITHUB_CLIENT_SECRET"] = "a-secret", ["NOTION_OAUTH_BASE"] = "http://localhost:9090" });
        var oauth = settings.Bind<OAuthOptions>(OAuthOptions.Section);
        Assert.Equal("github", Assert.Single(oauth.Clients).Key);
        Assert.Equal(("an-id", "a-secret"), (oauth.Clients["github"].Id, oauth.Clients["github"].Secret));
        Assert.Equal(new Uri("http://localhost:9090"), oauth.Bases["notion"]);
        var refusal = Assert.Throws<SettingsException>(() => Read(With("GITHUB_CLIENT_SECRET", "two words")));
        Assert.Equal("GITHUB_CLIENT_SECRET has a space, a line feed or another character that no key has; it must be printable ASCII without spaces.", refusal.Message);
    }

    [Fact]
    public void The_RPC_of_the_scheduler_is_off_and_on_port_8003_of_loopback_when_it_is_on()
    {
        Assert.Null(Read(Least).SchedulerRpc);
        Assert.Equal("127.0.0.1:8003", Read(With("ENABLE_SCHEDULER_RPC", "true")).SchedulerRpc!.ToString());
        Assert.Equal("10.0.0.7:9003", Read(new(Least, StringComparer.Ordinal)
        {
            ["ENABLE_SCHEDULER_RPC"] = "1",
            ["SCHEDULER_RPC_HOST"] = "10.0.0.7",
            ["EXECUTION_SCHEDULER_PORT"] = "9003",
        }).SchedulerRpc!.ToString());
    }

    [Theory]
    [InlineData("SCHEDULER_RPC_HOST", "0.0.0.0")]
    [InlineData("SCHEDULER_RPC_HOST", "::")]
    [InlineData("SCHEDULER_RPC_HOST", "93.184.216.34")]
    [InlineData("SCHEDULER_RPC_HOST", "172.32.0.1")]
    [InlineData("SCHEDULER_RPC_HOST", "localhost")]
    [InlineData("ENABLE_SCHEDULER_RPC", "on")]
    [InlineData("EXECUTION_SCHEDULER_PORT", "0")]
    [InlineData("BLOCK_ERROR_RATE_THRESHOLD", "1.5")]
    [InlineData("BLOCK_ERROR_RATE_THRESHOLD", "-0.5")]
    [InlineData("BLOCK_ERROR_RATE_THRESHOLD", "NaN")]
    [InlineData("CLOUD_STORAGE_CLEANUP_INTERVAL_HOURS", "25")]
    public void A_wrong_setting_of_the_scheduler_is_refused_by_its_name(string name, string value) =>
        Assert.StartsWith($"{name} is '{value}'; it must be ", Assert.Throws<SettingsException>(() => Read(With(name, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("::1")]
    [InlineData("192.168.1.2")]
    [InlineData("172.31.0.1")]
    [InlineData("fd00::7")]
    public void The_RPC_of_the_scheduler_may_have_a_private_address(string host) => Assert.Null(Read(With("SCHEDULER_RPC_HOST", host)).SchedulerRpc);

    [Fact]
    public void A_direct_address_is_that_of_the_database_unless_it_is_another_one()
    {
        Assert.Null(Read(Least).DirectUrl);
        Assert.Null(Read(With("DIRECT_URL", "postgres://localhost/x")).DirectUrl);
        Assert.Equal("postgres://server/x", Read(With("DIRECT_URL", "postgres://server/x")).DirectUrl);
    }

    [Theory]
    [InlineData("DIRECT_URL", "postgres://host:port/x", ": the port 'port' is not a number from 1 to 65535.")]
    [InlineData("DATABASE_URL", "postgres://localhost/x?schema=pg_temp", ": The schema 'pg_temp' belongs to PostgreSQL.")]
    [InlineData("DIRECT_URL", "postgres://localhost/x?schema=", ": The schema ''")]
    public void An_address_that_is_wrong_is_refused_by_its_name(string name, string address, string reason)
    {
        var message = Assert.Throws<SettingsException>(() => Read(With(name, address))).Message;
        Assert.StartsWith($"{name} is '{address}'; it must be postgres://", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_addresses_with_different_schemas_are_refused() =>
        Assert.Contains(
            "DATABASE_URL and DIRECT_URL do not fit together",
            Assert.Throws<SettingsException>(() => Read(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["DATABASE_URL"] = "postgres://localhost/x?schema=one",
                ["DIRECT_URL"] = "postgres://localhost/x?schema=two",
            })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Each_limit_of_a_run_is_bound_in_its_own_unit()
    {
        var limits = Read(new(Least, StringComparer.Ordinal)
        {
            ["MAX_NODE_EXECUTIONS_PER_RUN"] = "1",
            ["MAX_CREATED_NODE_EXECUTIONS_PER_RUN"] = "2",
            ["MAX_NODE_ATTEMPTS"] = "3",
            ["MAX_OUTPUTS_PER_NODE_EXECUTION"] = "4",
            ["MAX_OUTPUT_BYTES"] = "5",
            ["MAX_RUN_HOURS"] = "8760",
            ["MAX_OPEN_MEGABYTES_PER_RUN"] = "65536",
        }).Bind<GrainflowOptions>(GrainflowOptions.Section).RunLimits;
        var expected = new RunLimits
        {
            MaxNodeExecutions = 1,
            MaxCreatedExecutions = 2,
            MaxAttempts = 3,
            MaxOutputsPerExecution = 4,
            MaxOutputBytes = 5,
            MaxDuration = TimeSpan.FromDays(365),
            MaxOpenBytes = 65_536L * 1024 * 1024,
        };
        Assert.Equal(expected, limits);
        Assert.True(Validator.TryValidateObject(limits, new ValidationContext(limits), validationResults: null, validateAllProperties: true));
    }

    [Fact]
    public void Every_variable_sets_an_option_that_is_there()
    {
        var options = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [GrainflowOptions.Section] = new GrainflowOptions(),
            [ExecutionLogOptions.Section] = new ExecutionLogOptions(),
            [LedgerOptions.Section] = new LedgerOptions(),
            [OutgoingHttpOptions.Section] = new OutgoingHttpOptions(),
            [ChatModelOptions.Section] = new ChatModelOptions(),
            [IntegrationOptions.Section] = new IntegrationOptions(),
            [SystemCredentialOptions.Section] = new SystemCredentialOptions(),
            [GatewayOptions.Section] = new GatewayOptions(),
            [LiveOptions.Section] = new LiveOptions(),
            [TelemetryOptions.Section] = new TelemetryOptions(),
            [RunFileOptions.Section] = new RunFileOptions(),
            [VirusScanOptions.Section] = new VirusScanOptions(),
            [SystemTaskOptions.Section] = new SystemTaskOptions(),
            [SchedulerOptions.Section] = new SchedulerOptions(),
            [PaymentOptions.Section] = new PaymentOptions(),
            [OAuthOptions.Section] = new OAuthOptions(),
            [EncryptionOptions.Section] = new EncryptionOptions(),
            [WebhookOptions.Section] = new WebhookOptions(),
            [ConsoleOptions.Section] = new ConsoleOptions(),
        };
        foreach (var setting in SettingsMap.All)
        {
            var text = setting.Default ?? new[] { "1", "1024", "http://localhost:1", "http/protobuf", "standard", "10", AnyKey }.First(candidate => TryRead(setting, candidate) is not null);
            var path = TryRead(setting, text)![0].Key.Split(':');
            var property = path[1..].TakeWhile(name => !char.IsAsciiDigit(name[0])).Aggregate(
                ((object?)options[path[0]], Found: true),
                (at, name) => at.Item1 switch
                {
                    Dictionary<string, OAuthClientKey> => (new OAuthClientKey(), true),
                    Dictionary<string, string> or Dictionary<string, Uri> => (null, true),
                    var owner => owner?.GetType().GetProperty(name) is { } member ? (member.GetValue(owner), true) : (null, false),
                });
            Assert.True(property.Found, setting.Name);
        }
    }

    private static List<KeyValuePair<string, string?>>? TryRead(SettingsMap.Setting setting, string text)
    {
        try
        {
            return [.. setting.Read(text)];
        }
        catch (Exception exception) when (exception is FormatException or SettingsException)
        {
            return null;
        }
    }

    [Fact]
    public void A_missing_database_is_answered_with_the_cure() =>
        Assert.Contains("Start through ./run", Assert.Throws<SettingsException>(() => Read([])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("ENCRYPTION_KEY", "not-a-key", "ENCRYPTION_KEY cannot be read. It must be 32 bytes in base64")]
    [InlineData("ENCRYPTION_KEY", AnyKey + "," + AnyKey, "ENCRYPTION_KEY has a comma")]
    [InlineData("ENCRYPTION_KEY_OLD", AnyKey + ",not-a-key", "ENCRYPTION_KEY_OLD cannot be read. It must be 32 bytes in base64")]
    public void An_encryption_key_that_cannot_be_read_is_refused_without_showing_it(string name, string text, string message)
    {
        var error = Assert.Throws<SettingsException>(() => Read(new(Least, StringComparer.Ordinal) { [name] = text }));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_is_in_the_data_folder_of_a_server_that_is_alone() =>
        Assert.Equal(Path.Combine("place", "encryption.key"), Read(new(Least, StringComparer.Ordinal) { ["GRAINFLOW_DATA"] = "place" }).KeyFile);

    [Fact]
    public void Keys_are_found_by_the_name_of_their_provider()
    {
        var settings = Read(new(Least, StringComparer.Ordinal) { ["OPEN_ROUTER_API_KEY"] = "k", ["JINA_API_KEY"] = "" });
        Assert.Equal([KeyValuePair.Create("open_router", "k")], settings.Bind<SystemCredentialOptions>(SystemCredentialOptions.Section).ApiKeys);
    }

    [Theory]
    [InlineData("ENABLE_CREDIT", "yes")]
    [InlineData("MAX_CONCURRENT_GRAPH_EXECUTIONS_PER_USER", "0")]
    [InlineData("MAX_CONCURRENT_GRAPH_EXECUTIONS_PER_USER", "1001")]
    [InlineData("EXECUTION_COST_COUNT_THRESHOLD", "many")]
    [InlineData("MAX_RUN_HOURS", "0")]
    [InlineData("ENABLE_METRICS", "perhaps")]
    [InlineData("RUN_AHEAD", "sometimes")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("MAX_NODE_EXECUTIONS_PER_RUN", "-5")]
    [InlineData("MAX_CREATED_NODE_EXECUTIONS_PER_RUN", "0")]
    [InlineData("MAX_OUTPUTS_PER_NODE_EXECUTION", "0")]
    [InlineData("MAX_OUTPUT_BYTES", "33554433")]
    [InlineData("MAX_OPEN_MEGABYTES_PER_RUN", "65537")]
    [InlineData("MAX_NODE_ATTEMPTS", "0")]
    [InlineData("MAX_NODE_ATTEMPTS", "1001")]
    [InlineData("MAX_NODE_ATTEMPTS", " 3")]
    [InlineData("MAX_NODE_ATTEMPTS", "3.0")]
    [InlineData("MAX_NODE_ATTEMPTS", "99999999999999999999")]
    [InlineData("LOG_STACK_TRACES", "yes")]
    [InlineData("OPENAI_BASE_URL", "localhost:1234/v1")]
    [InlineData("OPENAI_BASE_URL", "/v1")]
    [InlineData("AGENT_API_PORT", "0")]
    [InlineData("AGENT_API_PORT", "65536")]
    [InlineData("WEBSOCKET_SERVER_PORT", "-1")]
    [InlineData("AGENT_API_HOST", "8000")]
    [InlineData("AGENT_API_HOST", "127.1")]
    [InlineData("AGENT_API_HOST", "localhost")]
    [InlineData("AGENT_API_HOST", "[::1]:8000")]
    [InlineData("AGENT_API_HOST", "256.0.0.1")]
    [InlineData("BACKEND_CORS_ALLOW_ORIGINS", "http://localhost:3000")]
    [InlineData("EXTERNAL_OAUTH_CALLBACK_ORIGINS", """["https://app.example.com/path"]""")]
    [InlineData("EXTERNAL_OAUTH_CALLBACK_ORIGINS", """["regex:.*"]""")]
    [InlineData("APP_ENV", "production")]
    public void A_wrong_value_is_refused_with_name_and_value(string name, string value)
    {
        var message = Assert.Throws<SettingsException>(() => Read(new(Least, StringComparer.Ordinal) { [name] = value })).Message;
        Assert.StartsWith($"{name} is '{value}'; it must be ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_value_is_shown_on_one_line_without_its_password_and_cut_where_it_is_long()
    {
        Assert.StartsWith("OPENAI_BASE_URL is 'ftp://u:***@h/ x'; it must be ", Refusal("OPENAI_BASE_URL", "ftp://u:secret@h/\nx"), StringComparison.Ordinal);
        Assert.StartsWith($"ENABLE_AUTH is '{new string('x', 200)}...'; it must be ", Refusal("ENABLE_AUTH", new string('x', 5000)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret\n")]
    [InlineData("secr\u00e9t")]
    public void A_key_that_no_header_can_carry_is_refused_and_not_shown(string key)
    {
        var message = Refusal("JINA_API_KEY", key);
        Assert.StartsWith("JINA_API_KEY has a line feed or another character that no key has", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secr", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("mysql://u:canary@h/x")]
    [InlineData("postgres://u:canary@h:abc/x")]
    [InlineData("Host=h;Bogus=1;Password=canary")]
    public void An_address_of_the_database_itself_is_checked_as_that_of_the_pooler(string address)
    {
        foreach (var (database, direct, name) in new[] { (address, null, "DATABASE_URL"), (address, "Host=h", "DATABASE_URL"), ("Host=h", address, "DIRECT_URL") })
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = database };
            if (direct is not null) values["DIRECT_URL"] = direct;
            var message = Assert.Throws<SettingsException>(() => Read(values)).Message;
            Assert.StartsWith(name + " is '", message, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("canary")]
    [InlineData("a=1,canary")]
    [InlineData("=canary")]
    public void Headers_for_a_collector_that_OpenTelemetry_could_not_read_are_refused_and_not_shown(string headers)
    {
        var message = Refusal("OTEL_EXPORTER_OTLP_HEADERS", headers);
        Assert.StartsWith("OTEL_EXPORTER_OTLP_HEADERS has a header without NAME=", message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", message, StringComparison.Ordinal);
        Assert.NotNull(Read(new(Least, StringComparer.Ordinal) { ["OTEL_EXPORTER_OTLP_HEADERS"] = "a=1,b=c%20d" }));
    }

    [Theory]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    [InlineData("0:0:0:0:0:0:0:1", "::1")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.2", "127.0.0.2")]
    public void An_address_to_listen_on_is_taken_in_every_form(string text, string address) =>
        Assert.Equal(address, Read(new(Least, StringComparer.Ordinal) { ["AGENT_API_HOST"] = text }).AgentApiHost);

    private static string Refusal(string name, string value) => Assert.Throws<SettingsException>(() => Read(new(Least, StringComparer.Ordinal) { [name] = value })).Message;

    [Fact]
    public void A_collector_is_named_by_the_variables_of_OpenTelemetry()
    {
        var settings = Read(new(Least, StringComparer.Ordinal) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4317", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc", ["OTEL_SERVICE_NAME"] = "mine" });
        Assert.Equal((new Uri("http://collector:4317"), "grpc", "mine"), (settings.Telemetry.OtlpEndpoint, settings.Telemetry.OtlpProtocol, settings.Telemetry.ServiceName));
    }

    [Fact]
    public void Without_tokens_it_listens_to_this_machine_alone()
    {
        var open = new Dictionary<string, string>(Least, StringComparer.Ordinal) { ["AGENT_API_HOST"] = "0.0.0.0" };
        Assert.Contains("everybody in the network would be an administrator", Assert.Throws<SettingsException>(() => Read(open)).Message, StringComparison.Ordinal);

        open["ENABLE_AUTH"] = "true";
        open["JWT_VERIFY_KEY"] = "a key of more than thirty-two characters";
        Assert.Equal("0.0.0.0", Read(open).AgentApiHost);
    }

    private static Settings Read(Dictionary<string, string> variables) => Settings.Read(variables.GetValueOrDefault);

    private static Dictionary<string, string> With(string name, string value) => new(Least, StringComparer.Ordinal) { [name] = value };
}
