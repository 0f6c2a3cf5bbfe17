namespace Orleans.Runtime;

/// <summary>One activation of a grain.</summary>
public interface IGrainContext
{
    /// <summary>The identity of the grain.</summary>
    GrainId GrainId { get; }

    /// <summary>The instance of the grain class; null before it is made.</summary>
    object? GrainInstance { get; }

    /// <summary>The services of this activation; its scoped services live as long as the activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Starts deactivation: running requests end, <see cref="IGrainBase.OnDeactivateAsync"/> runs, waiting requests go to a new activation.</summary>
    /// <param name="deactivationReason">Why.</param>
    /// <param name="cancellationToken">Cancelled when deactivation must end at once.</param>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
