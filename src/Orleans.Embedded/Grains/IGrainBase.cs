namespace Orleans;

/// <summary>What the runtime needs of a grain class.</summary>
public interface IGrainBase
{
    /// <summary>The activation that this instance belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first request, after persistent state was read. A failure fails the waiting requests and discards the activation.</summary>
    /// <param name="token">Cancelled when activation takes too long or is given up.</param>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs after the last request. A failure is logged and does not stop the deactivation.</summary>
    /// <param name="reason">Why the activation ends.</param>
    /// <param name="token">Cancelled when deactivation must end at once.</param>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
