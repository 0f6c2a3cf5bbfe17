using Microsoft.Extensions.Hosting;

namespace Grainflow.Grains.Hosting;

/// <summary>Waits for the host.</summary>
internal static class HostLifetime
{
    /// <summary>Waits until the host has started. Its background services begin earlier, before grains can be called.</summary>
    /// <param name="lifetime">The host.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task WhenStartedAsync(this IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
