using Grainflow.Gateway.Errors;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Gateway.Hosting;

/// <summary>Tells whether the server accepts new runs, which it does until <see cref="Leave"/>, or until its host begins to stop.</summary>
/// <param name="lifetime">The lifetime of the host.</param>
/// <param name="silos">Whether there is a silo to run them.</param>
public sealed class Readiness(IHostApplicationLifetime lifetime, SiloReach silos)
{
    private volatile bool _isLeaving;

    /// <summary>False once the server is about to leave.</summary>
    public bool IsReady => !_isLeaving && !lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Makes the server refuse new runs, before its host stops. Requests that start nothing are still answered.</summary>
    public void Leave() => _isLeaving = true;

    /// <summary>Refuses a request that would start new work while the server stops.</summary>
    /// <exception cref="ApiException">503 with <c>Retry-After</c>: the server is stopping.</exception>
    public void Require()
    {
        if (!IsReady) throw ApiException.Unavailable("The server is stopping; try again in a moment.").BeforeAnyChange();
        silos.Require();
    }
}

/// <summary>Whether this process reaches a silo. One that has a silo always does; a gateway without one may have to wait for its cluster.</summary>
public sealed class SiloReach
{
    private volatile bool _isLost;

    /// <summary>True in a gateway without a silo.</summary>
    public bool AreElsewhere { get; init; }

    /// <summary>False while a gateway without a silo reaches none.</summary>
    public bool IsInReach
    {
        get => !_isLost;
        set => _isLost = !value;
    }

    /// <summary>Refuses a request that a silo would have to serve.</summary>
    /// <exception cref="ApiException">503: no silo is in reach.</exception>
    public void Require()
    {
        if (!IsInReach) throw ApiException.Unavailable("No silo of the cluster is in reach; try again in a moment.").BeforeAnyChange();
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
