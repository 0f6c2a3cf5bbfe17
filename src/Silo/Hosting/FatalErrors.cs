using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Silo.Hosting;

/// <summary>Stops the host at the first fatal error and stores that error, from which the exit code follows.</summary>
/// <param name="lifetime">The host.</param>
internal sealed class FatalErrors(IHostApplicationLifetime lifetime) : IFatalErrors
{
    private string? _first;

    /// <summary>The first fatal error as one line for the operator, or null while there is none.</summary>
    public string? First => Volatile.Read(ref _first);

    /// <summary>Cancelled when the host stops, for whatever reason.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <inheritdoc/>
    public void Report(string part, Exception error)
    {
        Interlocked.CompareExchange(ref _first, $"{part} has failed ({error.Message}), so this process ends. Unfinished runs go on at the next start.", null);
        // On another thread, because StopApplication runs the callbacks of the token: the caller may be a loop that the stopping host waits for, which
        // would be a deadlock.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(lifetime.StopApplication);
    }
}
