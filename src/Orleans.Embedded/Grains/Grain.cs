using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans;

/// <summary>The base of grain classes. An instance is one activation: it runs one turn at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Joins the activation that is being made. Only the runtime makes grains.</summary>
    /// <exception cref="InvalidOperationException">Called outside of an activation.</exception>
    protected Grain() => GrainContext = Activation.Running
        ?? throw new InvalidOperationException($"Only the runtime can make an instance of grain class {GetType()}.");

    /// <summary>The activation that this instance belongs to.</summary>
    public IGrainContext GrainContext { get; }

    /// <summary>The identity of the grain as text.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => GrainContext.ActivationServices.GetRequiredService<IGrainFactory>();

    /// <summary>The services of this activation.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <summary>Runs before the first request, after persistent state was read. A failure fails the waiting requests and discards the activation.</summary>
    /// <param name="cancellationToken">Cancelled when activation takes too long or is given up.</param>
    [SuppressMessage("Naming", "CA1725:Parameter names should match base declaration", Justification = "Orleans names them so.")]
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last request. It does not run when the process dies. A failure is logged and does not stop the deactivation.</summary>
    /// <param name="reason">Why the activation ends.</param>
    /// <param name="cancellationToken">Cancelled when deactivation must end at once.</param>
    [SuppressMessage("Naming", "CA1725:Parameter names should match base declaration", Justification = "Orleans names them so.")]
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Deactivates this activation as soon as its running requests have ended. Waiting requests go to a new activation.</summary>
    protected void DeactivateOnIdle()
    {
        var activation = (Activation)GrainContext;
        activation.EnsureRunning();
        activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));
    }

    /// <summary>Keeps this activation from being collected for some time, or takes that back.</summary>
    /// <param name="timeSpan">From now on; zero or less takes an earlier delay back; <see cref="Timeout.InfiniteTimeSpan"/> and <see cref="TimeSpan.MaxValue"/> never end.</param>
    protected void DelayDeactivation(TimeSpan timeSpan)
    {
        var activation = (Activation)GrainContext;
        activation.EnsureRunning();
        activation.DelayDeactivation(timeSpan);
    }
}
