using Grainflow.Gateway.Errors;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Gateway.Hosting;

/// <summary>Whether the server takes new runs: until it is told to stop.</summary>
/// <param name="lifetime">Says when that is.</param>
public sealed class Readiness(IHostApplicationLifetime lifetime)
{
    /// <summary>False once the server stops.</summary>
    public bool IsReady => !lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Refuses what would begin something new while the server stops.</summary>
    /// <exception cref="ApiException">It stops.</exception>
    public void Require()
    {
        if (!IsReady) throw ApiException.Detail(503, "The server is stopping; try again in a moment.").BeforeAnyChange();
    }
}
