using System.Net;
using Grainflow.Gateway;
using Grainflow.Gateway.Auth;
using Grainflow.Silo.Telemetry;
using Grainflow.Storage;
using Microsoft.Extensions.Configuration;

namespace Grainflow.Silo.Hosting;

/// <summary>A setting is missing or wrong; the message names it and says what is allowed.</summary>
internal sealed class SettingsException(string message) : Exception(message);

/// <summary>A PostgreSQL server that <c>./run</c> has started for this process.</summary>
/// <param name="Folder">The data folder that it is in.</param>
/// <param name="Script">The script that stops it.</param>
internal sealed record PrivateDatabase(string Folder, string Script)
{
    /// <summary>The server named by the environment; null when this process does not stop one.</summary>
    /// <param name="variable">Looks up a variable.</param>
    public static PrivateDatabase? Find(Func<string, string?> variable) =>
        variable("GRAINFLOW_POSTGRES_DATA") is { Length: > 0 } folder && variable("GRAINFLOW_POSTGRES_SCRIPT") is { Length: > 0 } script
            ? new PrivateDatabase(folder, script)
            : null;
}

/// <summary>What the process itself is told by the environment, and the configuration of its parts (<see cref="SettingsMap"/>).</summary>
internal sealed record Settings
{
    /// <summary>The name of <see cref="LogStackTraces"/> in the environment.</summary>
    public const string StackTraces = "LOG_STACK_TRACES";

    private static readonly IPNetwork[] PrivateNetworks = [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7" }.Select(text => IPNetwork.Parse(text))];

    /// <summary>PostgreSQL, as a URL or in Npgsql's form (<see cref="DatabaseAddress"/>). It may lead to a pooler that gives each transaction another session.</summary>
    public required string DatabaseUrl { get; init; }

    /// <summary>PostgreSQL without a pooler in between, for the instance lock and migrations; null where <see cref="DatabaseUrl"/> serves.</summary>
    public string? DirectUrl { get; init; }

    /// <summary>The folder for files, and for the database when it is a private one.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The file of the key that secrets are encrypted with where the settings have none; null for a process of a cluster, whose processes need one key.</summary>
    public string? KeyFile => Cluster is null ? Path.Combine(DataFolder, "encryption.key") : null;

    /// <summary>The private PostgreSQL that ends with this process, or null.</summary>
    public PrivateDatabase? PrivateDatabase { get; init; }

    /// <summary>Whether logged errors show where they were thrown; null for the errors of a server that serves.</summary>
    public bool? LogStackTraces { get; init; }

    /// <summary>The address that the server listens on.</summary>
    public string AgentApiHost { get; init; } = "127.0.0.1";

    /// <summary>The port of the server, 1 to 65535.</summary>
    public int AgentApiPort { get; init; } = 8000;

    /// <summary>The port of the WebSocket alone, or null for the one after the server's.</summary>
    public int? WebsocketServerPort { get; init; }

    /// <summary>Where the scheduler's internal RPC is served; null for nowhere, the default.</summary>
    public IPEndPoint? SchedulerRpc { get; init; }

    /// <summary>The cluster that this process belongs to; null for a process that is alone on its database.</summary>
    public ClusterSettings? Cluster { get; init; }

    /// <summary>The values of all options by their paths in the configuration.</summary>
    public IReadOnlyDictionary<string, string?> Values { get; init; } = SettingsMap.Read(_ => null);

    /// <summary>How callers of the server are known.</summary>
    public GatewayOptions Gateway => Bind<GatewayOptions>(GatewayOptions.Section);

    /// <summary>What is measured and exported.</summary>
    public TelemetryOptions Telemetry => Bind<TelemetryOptions>(TelemetryOptions.Section);

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Looks up a variable.</param>
    /// <exception cref="SettingsException">A value is missing or wrong.</exception>
    public static Settings Read(Func<string, string?> variable)
    {
        string? Given(string name) => variable(name) is { Length: > 0 } text ? text : null;
        int? Port(string name) => Given(name) is not { } text ? null
            : (int?)SettingsMap.ToNumber(text, 1, 65535) ?? throw SettingsMap.Wrong(name, text, SettingsMap.Range(1, 65535));

        var (databaseUrl, directUrl) = Addresses(
            Given("DATABASE_URL")
                ?? throw new SettingsException("DATABASE_URL is not set. Start through ./run, which brings its own PostgreSQL, or set DATABASE_URL to a postgres:// URL."),
            Given("DIRECT_URL"));
        var settings = new Settings
        {
            DatabaseUrl = databaseUrl,
            DirectUrl = directUrl,
            DataFolder = Given("GRAINFLOW_DATA") ?? ".data",
            PrivateDatabase = PrivateDatabase.Find(variable),
            LogStackTraces = Given(StackTraces) is not { } traces ? null : SettingsMap.ToFlag(traces) ?? throw SettingsMap.Wrong(StackTraces, traces, "true or false"),
            AgentApiHost = Given("AGENT_API_HOST") is not { } host ? "127.0.0.1"
                : ParseAddress(host)?.ToString() ?? throw SettingsMap.Wrong("AGENT_API_HOST", host, "an IP address of this machine, for example 127.0.0.1, 0.0.0.0, ::1 or ::"),
            AgentApiPort = Port("AGENT_API_PORT") ?? 8000,
            WebsocketServerPort = Port("WEBSOCKET_SERVER_PORT"),
            SchedulerRpc = SchedulerAddress(Given, Port("EXECUTION_SCHEDULER_PORT") ?? 8003),
            Cluster = ClusterSettings.Read(Given, Given("APP_ENV") == "prod"),
            Values = SettingsMap.Read(variable),
        };
        Check(settings, Given("APP_ENV"));
        // OpenTelemetry reads this one itself. Headers may carry a secret, so the message does not show them.
        if (Given("OTEL_EXPORTER_OTLP_HEADERS")?.Split(',').All(header => header.IndexOf('=', StringComparison.Ordinal) > 0) == false)
            throw new SettingsException("OTEL_EXPORTER_OTLP_HEADERS has a header without NAME=; it must be NAME=VALUE, several with commas between.");
        return settings;
    }

    /// <summary>Reads one part of the configuration before a host binds it.</summary>
    /// <param name="section">The section of the options.</param>
    public T Bind<T>(string section)
        where T : new()
    {
        var options = new T();
        new ConfigurationBuilder().AddInMemoryCollection(Values).Build().GetSection(section).Bind(options);
        return options;
    }

    private static (string Database, string? Direct) Addresses(string databaseUrl, string? directUrl)
    {
        DatabaseAddress.Require("DATABASE_URL", databaseUrl);
        if (directUrl is null || directUrl == databaseUrl) return (databaseUrl, null);
        DatabaseAddress.Require("DIRECT_URL", directUrl);
        try
        {
            return ConnectionStrings.WithOneSchema(databaseUrl, directUrl);
        }
        catch (ArgumentException exception)
        {
            throw new SettingsException($"DATABASE_URL and DIRECT_URL do not fit together: {exception.Message.Split(" (Parameter '")[0]}");
        }
    }

    /// <summary>An IP address; null for what is none, such as numbers, which .NET takes for IPv4 addresses.</summary>
    public static IPAddress? ParseAddress(string text)
    {
        var bare = text is ['[', .., ']'] ? text[1..^1] : text;
        var isAddress = bare.Contains(':', StringComparison.Ordinal) ? !bare.Contains(']', StringComparison.Ordinal) : bare.Count(character => character == '.') == 3;
        if (!isAddress || !IPAddress.TryParse(bare, out var address)) return null;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>The address of the scheduler's RPC. It asks for no token, so it is refused on an address that others than this machine and its private network reach (decision 2).</summary>
    private static IPEndPoint? SchedulerAddress(Func<string, string?> given, int port)
    {
        const string Enable = "ENABLE_SCHEDULER_RPC";
        const string Host = "SCHEDULER_RPC_HOST";
        var isOn = given(Enable) is { } flag && (SettingsMap.ToFlag(flag) ?? throw SettingsMap.Wrong(Enable, flag, "true or false"));
        var host = given(Host) ?? "127.0.0.1";
        if (ParseAddress(host) is not { } address || !IsInternal(address))
            throw SettingsMap.Wrong(Host, host, "a loopback or private IP address of this machine, for example 127.0.0.1, ::1 or 10.0.0.7, because callers of the RPC need no token");
        return isOn ? new IPEndPoint(address, port) : null;
    }

    private static bool IsInternal(IPAddress address) => IPAddress.IsLoopback(address) || Array.Exists(PrivateNetworks, network => network.Contains(address));

    private static void Check(Settings settings, string? environment)
    {
        var gateway = settings.Gateway;
        if (environment is not (null or "local" or "dev" or "prod")) throw SettingsMap.Wrong("APP_ENV", environment, "local, dev or prod");
        if (environment == "prod" && !gateway.EnableAuth)
            throw new SettingsException("APP_ENV is 'prod' and ENABLE_AUTH is not true: everybody would be an administrator. Set ENABLE_AUTH=true and JWT_VERIFY_KEY.");
        if (!gateway.EnableAuth && !IPAddress.IsLoopback(IPAddress.Parse(settings.AgentApiHost)))
            throw new SettingsException($"AGENT_API_HOST is '{settings.AgentApiHost}' and ENABLE_AUTH is not true: everybody in the network would be an administrator. Set ENABLE_AUTH=true and JWT_VERIFY_KEY, or listen on 127.0.0.1 or ::1.");
        try
        {
            if (gateway.EnableAuth) TokenKeys.Read(gateway.JwtSignAlgorithm, gateway.JwtVerifyKey, gateway.JwtJwksUrl);
            else TokenKeys.ReadAlgorithms(gateway.JwtSignAlgorithm);
        }
        catch (FormatException exception)
        {
            throw new SettingsException(exception.Message);
        }
    }
}
