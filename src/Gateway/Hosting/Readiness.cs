using Grainflow.Gateway.Errors;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Gateway.Hosting;

/// <summary>Tells whether the server accepts new runs, which it does until it begins to stop.</summary>
/// <param name="lifetime">The lifetime of the host.</param>
public sealed class Readiness(IHostApplicationLifetime lifetime)
{
    /// <summary>False once the server begins to stop.</summary>
    public bool IsReady => !lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Refuses a request that would start new work while the server stops.</summary>
    /// <exception cref="ApiException">503: the server is stopping.</exception>
    public void Require()
    {
        if (!IsReady) throw ApiException.Detail(503, "The server is stopping; try again in a moment.").BeforeAnyChange();
    }
}

/// <summary>Tells whether the start of the server is complete: the database is migrated, silo and ports are open, interrupted runs are resumed.</summary>
public sealed class Startup
{
    private volatile bool _isComplete;

    /// <summary>True after <see cref="Complete"/>.</summary>
    public bool IsComplete => _isComplete;

    /// <summary>Marks the start as complete. The host calls it after its last step.</summary>
    public void Complete() => _isComplete = true;
}
