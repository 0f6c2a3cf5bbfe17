using System.Net;
using System.Text.RegularExpressions;

namespace Grainflow.Silo.Hosting;

/// <summary>What a process of a cluster does.</summary>
internal enum ProcessRole
{
    /// <summary>It runs agents and serves REST and WebSocket.</summary>
    All,

    /// <summary>It runs agents, and serves health and metrics only.</summary>
    Silo,

    /// <summary>It serves REST and WebSocket as a client of the silos.</summary>
    Gateway,
}

/// <summary>The cluster that this process belongs to (<c>CLUSTER</c>): any number of processes that share one database.</summary>
internal sealed partial record ClusterSettings
{
    private const int MaxNameLength = 50;

    /// <summary>The name, of letters, digits, '-', '_' and '.'; at most 50. It is the ClusterId of Orleans.</summary>
    public required string Name { get; init; }

    /// <summary>What this process does.</summary>
    public ProcessRole Role { get; init; }

    /// <summary>The address at which the other processes reach this one.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port between silos, or 0 for a free one.</summary>
    public int SiloPort { get; init; }

    /// <summary>The port of silos for gateways, or 0 for a free one.</summary>
    public int GatewayPort { get; init; }

    /// <summary>The certificates of the connections between processes, or null for plain text.</summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>Whether a silo runs in this process.</summary>
    public bool HasSilo => Role != ProcessRole.Gateway;

    /// <summary>Whether this process serves REST and WebSocket.</summary>
    public bool HasGateway => Role != ProcessRole.Silo;

    /// <summary>Reads the environment.</summary>
    /// <param name="given">Looks up a variable; null for an empty one.</param>
    /// <param name="isProduction">Whether <c>APP_ENV</c> is prod, where TLS is required beyond loopback.</param>
    /// <returns>Null when there is no <c>CLUSTER</c>.</returns>
    /// <exception cref="SettingsException">A value is wrong, or makes sense in a cluster only.</exception>
    public static ClusterSettings? Read(Func<string, string?> given, bool isProduction)
    {
        var role = given("ROLE") is not { } text ? ProcessRole.All
            : text.All(char.IsAsciiLetter) && Enum.TryParse<ProcessRole>(text, ignoreCase: true, out var known) ? known
            : throw SettingsMap.Wrong("ROLE", text, "all, silo or gateway");
        if (given("CLUSTER") is not { } name)
        {
            return role == ProcessRole.All
                ? null
                : throw new SettingsException($"ROLE is '{given("ROLE")}' and CLUSTER is not set: only the processes of a cluster divide the work. Set CLUSTER to the name of the cluster, or leave ROLE out.");
        }

        if (!ClusterName().IsMatch(name)) throw SettingsMap.Wrong("CLUSTER", name, $"a name of 1 to {MaxNameLength} letters, digits, '-', '_' and '.'");
        var cluster = new ClusterSettings
        {
            Name = name,
            Role = role,
            Address = Advertised("ORLEANS_ADVERTISED_ADDRESS") ?? Advertised("POD_IP") ?? IPAddress.Loopback,
            SiloPort = Port("ORLEANS_SILO_PORT"),
            GatewayPort = Port("ORLEANS_GATEWAY_PORT"),
            Tls = ClusterTls.Read(given),
        };
        if (cluster.SiloPort != 0 && cluster.SiloPort == cluster.GatewayPort)
            throw new SettingsException($"ORLEANS_SILO_PORT and ORLEANS_GATEWAY_PORT are both {cluster.SiloPort}; they must differ.");
        if (isProduction && cluster.Tls is null && !IPAddress.IsLoopback(cluster.Address))
        {
            throw new SettingsException(
                $"APP_ENV is 'prod' and the processes of cluster '{name}' would talk in plain text at {cluster.Address}. "
                + $"Set {ClusterTls.CertificateFile}, {ClusterTls.KeyFile} and {ClusterTls.AuthorityFile}.");
        }

        return cluster;

        int Port(string variable) => given(variable) is not { } port ? 0
            : (int?)SettingsMap.ToNumber(port, 0, 65535) ?? throw SettingsMap.Wrong(variable, port, SettingsMap.Range(0, 65535) + " (0 for a free port)");

        IPAddress? Advertised(string variable) => given(variable) is not { } address ? null
            : Settings.ParseAddress(address) is { } parsed && !parsed.Equals(IPAddress.Any) && !parsed.Equals(IPAddress.IPv6Any) ? parsed
            : throw SettingsMap.Wrong(variable, address, "an IP address at which the other processes reach this one, for example 10.0.0.7");
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,50}\z", RegexOptions.None, 1000)]
    private static partial Regex ClusterName();
}

/// <summary>The certificates of the connections between the processes of a cluster, as PEM files.</summary>
/// <param name="Certificate">The certificate of this process.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authority">The authority that has signed the certificates of all processes.</param>
internal sealed record ClusterTls(string Certificate, string Key, string Authority)
{
    /// <summary>The variable of <see cref="Certificate"/>.</summary>
    public const string CertificateFile = "ORLEANS_TLS_CERTIFICATE_FILE";

    /// <summary>The variable of <see cref="Key"/>.</summary>
    public const string KeyFile = "ORLEANS_TLS_KEY_FILE";

    /// <summary>The variable of <see cref="Authority"/>.</summary>
    public const string AuthorityFile = "ORLEANS_TLS_CA_FILE";

    /// <summary>Reads the environment. Null when none of the files is named.</summary>
    /// <exception cref="SettingsException">Some are named and others are not, or one does not exist.</exception>
    public static ClusterTls? Read(Func<string, string?> given)
    {
        string[] names = [CertificateFile, KeyFile, AuthorityFile];
        var missing = names.Where(name => given(name) is null).ToList();
        if (missing.Count == names.Length) return null;
        if (missing.Count > 0) throw new SettingsException($"{string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} not set, while other files of TLS are: set all of {string.Join(", ", names)}, or none.");
        foreach (var name in names.Where(name => !File.Exists(given(name)))) throw SettingsMap.Wrong(name, given(name)!, "a PEM file that this process can read");
        return new ClusterTls(given(CertificateFile)!, given(KeyFile)!, given(AuthorityFile)!);
    }
}
