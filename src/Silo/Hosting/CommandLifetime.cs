using Microsoft.Extensions.Hosting;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// Leaves signals to the command. The framework's own lifetime begins to stop the host at Ctrl-C, so that a command could not end its run first.
/// </summary>
internal sealed class CommandLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
