using System.ComponentModel;
using System.Diagnostics;
using k8s;
using k8s.Models;

namespace Grainflow.Silo.Tests.Kubernetes;

/// <summary>The overlays of <c>k8s/</c>, rendered once by the Kustomize of <c>kubectl</c>.</summary>
public sealed class Manifests : IAsyncLifetime
{
    private const string NoKubectl = "kubectl is not installed: k8s/ cannot be rendered.";

    private Dictionary<string, Rendering>? _overlays;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _overlays = new Dictionary<string, Rendering>(StringComparer.Ordinal) { ["dev"] = await RenderAsync("dev"), ["prod"] = await RenderAsync("prod") };
        }
        catch (Win32Exception)
        {
            _overlays = null;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>An overlay; skips the running test where it cannot be rendered.</summary>
    internal Rendering Overlay(string name)
    {
        Assert.SkipWhen(_overlays is null, NoKubectl);
        return _overlays![name];
    }

    private static async Task<Rendering> RenderAsync(string overlay)
    {
        var start = new ProcessStartInfo("kubectl", ["kustomize", Path.Combine(Repository.Root, "k8s", "overlays", overlay)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var kubectl = Process.Start(start)!;
        var errors = kubectl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var text = await kubectl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await kubectl.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(kubectl.ExitCode == 0, await errors);
        return new Rendering(text);
    }
}

/// <summary>The objects of an overlay. Reading is strict: a field that the model does not have is an error.</summary>
internal sealed class Rendering(string text)
{
    public string Text => text;

    public IReadOnlyList<object> Objects { get; } = KubernetesYaml.LoadAllFromString(text, typeMap: null, strict: true);

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(Single<V1ConfigMap>().Data, StringComparer.Ordinal);

    public IReadOnlyList<V1Deployment> Deployments => [.. Objects.OfType<V1Deployment>()];

    /// <summary>The pods of all workloads, by name.</summary>
    public IEnumerable<(string Name, V1PodTemplateSpec Template)> Pods =>
        Deployments.Select(deployment => (deployment.Metadata.Name, deployment.Spec.Template))
            .Concat(Objects.OfType<V1Job>().Select(job => (job.Metadata.Name, job.Spec.Template)));

    public V1Deployment Role(string role) => Deployments.Single(deployment => deployment.Metadata.Name == $"grainflow-{role}");

    public T Single<T>() => Objects.OfType<T>().Single();
}
