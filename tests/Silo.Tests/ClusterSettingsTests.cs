using System.Net;
using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.Tests;

public sealed class ClusterSettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grainflow-cluster-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Without_CLUSTER_a_process_is_alone()
    {
        Assert.Null(Read());
        Assert.Null(Read(("ROLE", "all"), ("ORLEANS_SILO_PORT", "11111")));
        Assert.Equal(
            "ROLE is 'silo' and CLUSTER is not set: only the processes of a cluster divide the work. Set CLUSTER to the name of the cluster, or leave ROLE out.",
            Refusal(("ROLE", "silo")));
    }

    [Fact]
    public void A_cluster_has_free_ports_on_loopback_and_both_roles_unless_the_settings_differ()
    {
        var cluster = Read(("CLUSTER", "x"))!;
        Assert.Equal(("x", ProcessRole.All, IPAddress.Loopback, 0, 0), (cluster.Name, cluster.Role, cluster.Address, cluster.SiloPort, cluster.GatewayPort));
        Assert.True(cluster.HasSilo && cluster.HasGateway);

        var pod = Read(("CLUSTER", "x"), ("ROLE", "gateway"), ("POD_IP", "10.0.0.7"), ("ORLEANS_SILO_PORT", "11111"), ("ORLEANS_GATEWAY_PORT", "30000"))!;
        Assert.Equal((ProcessRole.Gateway, IPAddress.Parse("10.0.0.7"), 11111, 30000), (pod.Role, pod.Address, pod.SiloPort, pod.GatewayPort));
        Assert.False(pod.HasSilo);

        Assert.Equal(IPAddress.Parse("10.0.0.8"), Read(("CLUSTER", "x"), ("POD_IP", "10.0.0.7"), ("ORLEANS_ADVERTISED_ADDRESS", "10.0.0.8"))!.Address);
        Assert.False(Read(("CLUSTER", "x"), ("ROLE", "Silo"))!.HasGateway);
    }

    [Theory]
    [InlineData("CLUSTER", "a b", "a name of 1 to 50 letters")]
    [InlineData("CLUSTER", "x\n", "a name of 1 to 50 letters")]
    [InlineData("ROLE", "both", "all, silo or gateway")]
    [InlineData("ROLE", "1", "all, silo or gateway")]
    [InlineData("ORLEANS_SILO_PORT", "70000", "a whole number from 0 to 65535 (0 for a free port)")]
    [InlineData("ORLEANS_GATEWAY_PORT", "-1", "a whole number from 0 to 65535 (0 for a free port)")]
    [InlineData("ORLEANS_ADVERTISED_ADDRESS", "0.0.0.0", "an IP address at which the other processes reach this one")]
    [InlineData("POD_IP", "pod-1", "an IP address at which the other processes reach this one")]
    [InlineData("ORLEANS_TLS_CA_FILE", "", null)]
    public void A_wrong_value_is_refused_by_name(string name, string value, string? allowed)
    {
        if (allowed is null)
        {
            Assert.NotNull(Read(("CLUSTER", "x"), (name, value)));
            return;
        }

        var refusal = name == "CLUSTER" ? Refusal((name, value)) : Refusal(("CLUSTER", "x"), (name, value));
        Assert.StartsWith($"{name} is '", refusal, StringComparison.Ordinal);
        Assert.Contains("it must be " + allowed, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_ports_must_differ() => Assert.Equal(
        "ORLEANS_SILO_PORT and ORLEANS_GATEWAY_PORT are both 11111; they must differ.",
        Refusal(("CLUSTER", "x"), ("ORLEANS_SILO_PORT", "11111"), ("ORLEANS_GATEWAY_PORT", "11111")));

    [Fact]
    public void Plain_text_beyond_loopback_is_refused_in_production()
    {
        Assert.NotNull(Read(production: true, ("CLUSTER", "x")));
        Assert.Contains("would talk in plain text at 10.0.0.7", Refusal(production: true, ("CLUSTER", "x"), ("POD_IP", "10.0.0.7")), StringComparison.Ordinal);

        var file = Path.Combine(_folder.FullName, "some.pem");
        File.WriteAllText(file, "");
        (string, string)[] files = [("ORLEANS_TLS_CERTIFICATE_FILE", file), ("ORLEANS_TLS_KEY_FILE", file), ("ORLEANS_TLS_CA_FILE", file)];
        Assert.Equal(file, Read(production: true, [("CLUSTER", "x"), ("POD_IP", "10.0.0.7"), .. files])!.Tls!.Authority);
    }

    [Fact]
    public void The_files_of_TLS_are_named_all_or_none_and_must_be_there()
    {
        var file = Path.Combine(_folder.FullName, "some.pem");
        Assert.Equal(
            "ORLEANS_TLS_KEY_FILE and ORLEANS_TLS_CA_FILE are not set, while other files of TLS are: set all of ORLEANS_TLS_CERTIFICATE_FILE, ORLEANS_TLS_KEY_FILE, ORLEANS_TLS_CA_FILE, or none.",
            Refusal(("CLUSTER", "x"), ("ORLEANS_TLS_CERTIFICATE_FILE", file)));
        Assert.Contains(
            "ORLEANS_TLS_CERTIFICATE_FILE is '",
            Refusal(("CLUSTER", "x"), ("ORLEANS_TLS_CERTIFICATE_FILE", file), ("ORLEANS_TLS_KEY_FILE", file), ("ORLEANS_TLS_CA_FILE", file)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_silo_takes_the_ports_of_its_last_start_again()
    {
        var kept = new KeptPorts(Read(("CLUSTER", "x"))!, _folder.FullName, 8000);
        var first = kept.Choose(attempt: 1);
        kept.Keep(first);

        Assert.Equal(first, kept.Choose(attempt: 1));
        Assert.NotEqual(first, kept.Choose(attempt: 2));
        Assert.NotEqual(first, new KeptPorts(Read(("CLUSTER", "x"))!, _folder.FullName, 8010).Choose(attempt: 1));
    }

    [Fact]
    public void A_file_of_ports_that_cannot_be_read_costs_nothing_but_the_ports()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "orleans-8000.json"), "{");
        Assert.True(new KeptPorts(Read(("CLUSTER", "x"))!, _folder.FullName, 8000).Choose(attempt: 1).Silo > 0);
    }

    [Fact]
    public void A_named_port_that_is_taken_is_refused_by_name()
    {
        using var other = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var kept = new KeptPorts(Read(("CLUSTER", "x"), ("ORLEANS_SILO_PORT", $"{port}"))!, _folder.FullName, 8000);

        Assert.Contains($"ORLEANS_SILO_PORT is {port}, and another process listens on it.", Assert.Throws<SettingsException>(() => kept.Choose(attempt: 1)).Message, StringComparison.Ordinal);
    }

    private static ClusterSettings? Read(params (string Name, string Value)[] given) => Read(production: false, given);

    private static ClusterSettings? Read(bool production, params (string Name, string Value)[] given)
    {
        var variables = given.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
        return ClusterSettings.Read(name => variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null, production);
    }

    private static string Refusal(params (string Name, string Value)[] given) => Refusal(production: false, given);

    private static string Refusal(bool production, params (string Name, string Value)[] given) => Assert.Throws<SettingsException>(() => Read(production, given)).Message;
}
