using System.Globalization;
using System.Net;
using Grainflow.Silo.Hosting;
using k8s.Models;

namespace Grainflow.Silo.Tests.Kubernetes;

/// <summary>
/// <c>k8s/</c> agrees with the program: what is named there exists here. No Kubernetes is asked; whether a cluster takes the objects is not known from these tests.
/// </summary>
public sealed class ManifestTests(Manifests manifests) : IClassFixture<Manifests>
{
    private const string AppLabel = "app.kubernetes.io/name";
    private const string RoleLabel = "app.kubernetes.io/component";

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Every_object_is_one_of_the_kinds_that_are_meant_and_is_read_strictly(string overlay)
    {
        var kinds = manifests.Overlay(overlay).Objects.GroupBy(item => item.GetType().Name).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var expected = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            [nameof(V1ServiceAccount)] = 1,
            [nameof(V1ConfigMap)] = 1,
            [nameof(V1Job)] = 1,
            [nameof(V1Deployment)] = 2,
            [nameof(V1Service)] = 1,
            [nameof(V1Ingress)] = 1,
            [nameof(V1PodDisruptionBudget)] = 2,
            [nameof(V2HorizontalPodAutoscaler)] = 1,
            [nameof(V1NetworkPolicy)] = 6,
        };
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), kinds.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("dev", "silo")]
    [InlineData("dev", "gateway")]
    [InlineData("prod", "silo")]
    [InlineData("prod", "gateway")]
    public void The_program_takes_the_settings_of_a_role(string overlay, string role)
    {
        var rendering = manifests.Overlay(overlay);
        var container = rendering.Role(role).Spec.Template.Spec.Containers.Single();
        var variables = Variables(rendering, container);
        Assert.Equal(role, variables["ROLE"]);
        var settings = Settings.Read(variables.GetValueOrDefault);
        Assert.True(settings.Gateway.EnableAuth);
        Assert.Equal(overlay, variables["APP_ENV"]);
        Assert.Equal((Enum.Parse<ProcessRole>(role, ignoreCase: true), Given("POD_IP"), overlay == "prod"), (settings.Cluster!.Role, settings.Cluster.Address.ToString(), settings.Cluster.Tls is not null));
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void The_job_of_the_schema_has_the_settings_of_the_database_and_the_argument_that_the_program_knows(string overlay)
    {
        var rendering = manifests.Overlay(overlay);
        var container = rendering.Single<V1Job>().Spec.Template.Spec.Containers.Single();
        // It reads all settings before it does anything.
        Settings.Read(Variables(rendering, container).GetValueOrDefault);
        Assert.Equal(["DATABASE_URL", "DIRECT_URL", "JWT_VERIFY_KEY"], container.Env.Select(variable => variable.Name));
        Assert.All(container.Args, argument => Assert.True(Repository.SourceHas($"\"{argument}\""), argument));
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Secrets_stand_in_no_manifest(string overlay)
    {
        var rendering = manifests.Overlay(overlay);
        foreach (var (_, pod) in rendering.Pods)
        {
            foreach (var variable in pod.Spec.Containers.Single().Env.Where(variable => variable.Value is null && variable.ValueFrom.FieldRef is null))
                Assert.Equal(("grainflow-secrets", variable.Name), (variable.ValueFrom.SecretKeyRef.Name, variable.ValueFrom.SecretKeyRef.Key));
        }

        Assert.DoesNotContain(rendering.Settings.Keys, name => name.EndsWith("_URL", StringComparison.Ordinal) || name.Contains("KEY_ID", StringComparison.Ordinal) || name.EndsWith("_API_KEY", StringComparison.Ordinal) || name.Contains("SECRET", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Ports_are_those_of_the_settings_and_what_is_named_exists(string overlay)
    {
        var rendering = manifests.Overlay(overlay);
        var settings = rendering.Settings;
        var silo = Ports(rendering.Role("silo"));
        var gateway = Ports(rendering.Role("gateway"));
        Assert.Equal((settings["AGENT_API_PORT"], settings["AGENT_API_PORT"]), (silo["http"], gateway["http"]));
        Assert.Equal((settings["ORLEANS_SILO_PORT"], settings["ORLEANS_GATEWAY_PORT"]), (silo["orleans-silo"], silo["orleans-client"]));
        Assert.Equal(settings["WEBSOCKET_SERVER_PORT"], gateway["websocket"]);

        var service = rendering.Single<V1Service>();
        Assert.Equal(["http 8000", "websocket 8001"], service.Spec.Ports.Select(port => $"{port.TargetPort.Value} {port.Port}"));
        Assert.Equal(rendering.Role("gateway").Spec.Template.Metadata.Labels[RoleLabel], service.Spec.Selector[RoleLabel]);
        var ingress = rendering.Single<V1Ingress>();
        Assert.Equal((service.Metadata.Name, "http"), (ingress.Spec.Rules.Single().Http.Paths.Single().Backend.Service.Name, ingress.Spec.Rules.Single().Http.Paths.Single().Backend.Service.Port.Name));
        Assert.Equal("grainflow-gateway", ingress.Metadata.Annotations["nginx.ingress.kubernetes.io/session-cookie-name"]);
        var exposed = Repository.Read("Dockerfile").Split('\n').Single(line => line.StartsWith("EXPOSE ", StringComparison.Ordinal)).Split(' ')[1..];
        Assert.Equal(silo.Values.Concat(gateway.Values).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), exposed.Order(StringComparer.Ordinal));
        foreach (var deployment in rendering.Deployments)
            Assert.Equal((settings["AGENT_API_PORT"], "/metrics"), (deployment.Spec.Template.Metadata.Annotations["prometheus.io/port"], deployment.Spec.Template.Metadata.Annotations["prometheus.io/path"]));
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Probes_ask_routes_that_the_program_has_and_give_it_five_minutes_to_start(string overlay)
    {
        foreach (var deployment in manifests.Overlay(overlay).Deployments)
        {
            var container = deployment.Spec.Template.Spec.Containers.Single();
            var probes = new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe };
            Assert.Equal(["/health/startup", "/health/ready", "/health/live"], probes.Select(probe => probe.HttpGet.Path));
            Assert.All(probes, probe => Assert.True(Repository.SourceHas($"\"{probe.HttpGet.Path}\""), probe.HttpGet.Path));
            Assert.All(probes, probe => Assert.Contains(probe.HttpGet.Port.Value, container.Ports.Select(port => port.Name)));
            Assert.Equal(300, container.StartupProbe.FailureThreshold * container.StartupProbe.PeriodSeconds);
            // A grain has five seconds to answer, so that the probe has to wait for longer.
            Assert.True(container.LivenessProbe.TimeoutSeconds > 5);
        }
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void A_rolling_update_takes_no_process_away_before_another_one_works_and_waits_for_the_drain(string overlay)
    {
        var rendering = manifests.Overlay(overlay);
        var drain = int.Parse(rendering.Settings["SHUTDOWN_DRAIN_SECONDS"], CultureInfo.InvariantCulture);
        foreach (var deployment in rendering.Deployments)
        {
            Assert.Equal(("0", "1", 30), (deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value, deployment.Spec.Strategy.RollingUpdate.MaxSurge.Value, deployment.Spec.MinReadySeconds));
            Assert.Equal((120, 150), (drain, deployment.Spec.Template.Spec.TerminationGracePeriodSeconds));
        }
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void Pods_run_without_rights_and_write_to_their_volumes_only(string overlay)
    {
        var rendering = manifests.Overlay(overlay);
        Assert.False(rendering.Single<V1ServiceAccount>().AutomountServiceAccountToken);
        foreach (var (name, template) in rendering.Pods)
        {
            var pod = template.Spec;
            var container = pod.Containers.Single();
            Assert.False(pod.AutomountServiceAccountToken, name);
            Assert.Equal((true, 1654, "RuntimeDefault"), (pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.RunAsUser, pod.SecurityContext.SeccompProfile.Type));
            Assert.Equal((true, false), (container.SecurityContext.ReadOnlyRootFilesystem, container.SecurityContext.AllowPrivilegeEscalation));
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            var written = pod.Volumes.Where(volume => volume.EmptyDir is not null).Select(volume => volume.Name).ToHashSet(StringComparer.Ordinal);
            Assert.Equal(["/data", "/tmp"], container.VolumeMounts.Where(mount => written.Contains(mount.Name)).Select(mount => mount.MountPath).Order(StringComparer.Ordinal));
            Assert.Equal(rendering.Settings["GRAINFLOW_DATA"], container.VolumeMounts.Single(mount => mount.Name == "data").MountPath);
            Assert.Equal((true, false, true), (container.Resources.Requests.ContainsKey("cpu"), container.Resources.Limits.ContainsKey("cpu"), container.Resources.Limits.ContainsKey("memory")));
        }
    }

    [Theory]
    [InlineData("dev", 2)]
    [InlineData("prod", 3)]
    public void Selectors_find_their_pods_and_a_budget_lets_a_node_be_drained(string overlay, int silos)
    {
        var rendering = manifests.Overlay(overlay);
        var autoscaler = rendering.Single<V2HorizontalPodAutoscaler>();
        Assert.Equal(("Deployment", "grainflow-silo", silos), (autoscaler.Spec.ScaleTargetRef.Kind, autoscaler.Spec.ScaleTargetRef.Name, autoscaler.Spec.MinReplicas));
        // The autoscaler decides; a number here would be set back with each update.
        Assert.Null(rendering.Role("silo").Spec.Replicas);
        var budgets = rendering.Objects.OfType<V1PodDisruptionBudget>().ToDictionary(budget => budget.Metadata.Name, budget => int.Parse(budget.Spec.MinAvailable.Value, CultureInfo.InvariantCulture), StringComparer.Ordinal);
        Assert.True(budgets["grainflow-silo"] < silos);
        Assert.True(budgets["grainflow-gateway"] < rendering.Role("gateway").Spec.Replicas);
        if (overlay == "prod") Assert.All(budgets.Values, available => Assert.Equal(2, available));

        var selectors = rendering.Objects.OfType<V1PodDisruptionBudget>().Select(budget => budget.Spec.Selector.MatchLabels)
            .Concat(rendering.Objects.OfType<V1NetworkPolicy>().Select(policy => policy.Spec.PodSelector.MatchLabels))
            .Concat(rendering.Deployments.Select(deployment => deployment.Spec.Selector.MatchLabels))
            .Concat(rendering.Deployments.SelectMany(deployment => deployment.Spec.Template.Spec.TopologySpreadConstraints).Select(spread => spread.LabelSelector.MatchLabels));
        Assert.All(selectors, selector => Assert.Contains(rendering.Pods, pod => selector.All(label => pod.Template.Metadata.Labels[label.Key] == label.Value)));
        Assert.All(rendering.Deployments, deployment => Assert.Equal(
            ["kubernetes.io/hostname", "topology.kubernetes.io/zone"], deployment.Spec.Template.Spec.TopologySpreadConstraints.Select(spread => spread.TopologyKey).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Silos_are_added_by_processor_time_in_dev_and_by_a_metric_that_the_program_has_in_prod()
    {
        Assert.Equal("cpu", manifests.Overlay("dev").Single<V2HorizontalPodAutoscaler>().Spec.Metrics.Single().Resource.Name);
        var external = manifests.Overlay("prod").Single<V2HorizontalPodAutoscaler>().Spec.Metrics.Single().External;
        var text = Repository.Read("k8s", "overlays", "prod", "silo-hpa.yaml");
        Assert.Contains($"as: '{external.Metric.Name}'", text, StringComparison.Ordinal);
        Assert.Contains("seriesQuery: 'autogpt_run_queue_oldest_age_seconds'", text, StringComparison.Ordinal);
        Assert.True(Repository.SourceHas("\"autogpt_run_queue_oldest_age_seconds\""));
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void The_ports_of_Orleans_are_open_between_the_pods_alone_and_nobody_reaches_the_metadata_address(string overlay)
    {
        var policies = manifests.Overlay(overlay).Objects.OfType<V1NetworkPolicy>().ToList();
        var denied = policies.Single(policy => policy.Metadata.Name == "grainflow-deny");
        Assert.Equal((null, null, "Egress Ingress"), (denied.Spec.Ingress, denied.Spec.Egress, string.Join(' ', denied.Spec.PolicyTypes.Order(StringComparer.Ordinal))));

        foreach (var rule in policies.SelectMany(policy => policy.Spec.Ingress ?? []))
        {
            var ports = rule.Ports.Select(port => port.Port.Value).ToList();
            var isBetween = rule.FromProperty.All(peer => peer.PodSelector?.MatchLabels[AppLabel] == "grainflow" && peer.NamespaceSelector is null && peer.IpBlock is null);
            Assert.Equal(isBetween, ports.Contains("11111") || ports.Contains("30000"));
            Assert.Empty(ports.Except(isBetween ? ["11111", "30000"] : ["8000", "8001"], StringComparer.Ordinal));
        }

        var blocks = policies.SelectMany(policy => policy.Spec.Egress ?? []).SelectMany(rule => rule.To).Where(peer => peer.IpBlock is not null).Select(peer => peer.IpBlock).ToList();
        Assert.NotEmpty(blocks);
        foreach (var address in new[] { IPAddress.Parse("169.254.169.254"), IPAddress.Parse("169.254.170.2"), IPAddress.Parse("fd00:ec2::254") })
            Assert.DoesNotContain(blocks, block => IPNetwork.Parse(block.Cidr).Contains(address) && !(block.Except ?? []).Any(except => IPNetwork.Parse(except).Contains(address)));
        Assert.Contains(blocks, block => IPNetwork.Parse(block.Cidr).Contains(IPAddress.Parse("93.184.216.34")));
    }

    [Fact]
    public void In_prod_the_processes_have_certificates_for_each_other()
    {
        var rendering = manifests.Overlay("prod");
        foreach (var pod in rendering.Pods.Select(workload => workload.Template.Spec))
        {
            var mount = pod.Containers.Single().VolumeMounts.Single(mount => mount.Name == "tls");
            Assert.True(mount.ReadOnlyProperty);
            Assert.Equal("grainflow-tls", pod.Volumes.Single(volume => volume.Name == "tls").Secret.SecretName);
            foreach (var name in new[] { "ORLEANS_TLS_CERTIFICATE_FILE", "ORLEANS_TLS_KEY_FILE", "ORLEANS_TLS_CA_FILE" })
                Assert.Equal(mount.MountPath, Path.GetDirectoryName(rendering.Settings[name]));
        }
    }

    [Fact]
    public void Kustomizations_use_only_what_old_and_new_versions_render()
    {
        var used = Directory.EnumerateFiles(Path.Combine(Repository.Root, "k8s"), "kustomization.yaml", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Where(line => line.Length > 0 && char.IsAsciiLetter(line[0]))
            .Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)]);
        Assert.Equal(["bases", "configMapGenerator", "images", "patchesStrategicMerge", "resources"], used.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_image_is_built_from_files_that_are_there_and_runs_as_the_user_of_the_pods()
    {
        var lines = Repository.Read("Dockerfile").Split('\n');
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1]).ToList();
        Assert.NotEmpty(copied);
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
        var kept = Repository.Read(".dockerignore").Split('\n').Where(line => line.StartsWith('!')).Select(line => line[1..]);
        Assert.Equal(copied.Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
        Assert.Contains("USER 1654:1654", lines);
        Assert.Contains("ENTRYPOINT [\"dotnet\", \"/app/Grainflow.Silo.dll\"]", lines);
        Assert.Contains("GRAINFLOW_DATA=/data", Repository.Read("Dockerfile"), StringComparison.Ordinal);
    }

    /// <summary>The environment of a container. A file that a volume brings is one that exists here.</summary>
    private static Dictionary<string, string> Variables(Rendering rendering, V1Container container)
    {
        Assert.Equal(rendering.Single<V1ConfigMap>().Metadata.Name, container.EnvFrom.Single().ConfigMapRef.Name);
        var variables = new Dictionary<string, string>(rendering.Settings, StringComparer.Ordinal);
        foreach (var variable in container.Env) variables.Add(variable.Name, variable.Value ?? Given(variable.Name));
        Assert.All(variables.Keys, name => Assert.True(IsSetting(name), name));
        foreach (var (name, _) in variables.Where(variable => container.VolumeMounts.Any(mount => Path.GetDirectoryName(variable.Value) == mount.MountPath)).ToList())
            variables[name] = typeof(ManifestTests).Assembly.Location;
        return variables;
    }

    private static bool IsSetting(string name) =>
        SettingsMap.All.Any(setting => setting.Name == name) || Repository.SourceHas($"\"{name}\"");

    /// <summary>What Kubernetes would give a variable.</summary>
    private static string Given(string name) => name switch
    {
        "POD_IP" => "10.1.2.3",
        "DATABASE_URL" or "DIRECT_URL" => "postgres://grainflow:secret@postgres/grainflow",
        "ENCRYPTION_KEY" or "ENCRYPTION_KEY_OLD" => Convert.ToBase64String(new byte[32]),
        _ => "a key of thirty-two bytes or more",
    };

    private static Dictionary<string, string> Ports(V1Deployment deployment) =>
        deployment.Spec.Template.Spec.Containers.Single().Ports.ToDictionary(port => port.Name, port => port.ContainerPort.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);
}
