namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    /// <summary>Makes a handle.</summary>
    protected SiloHandle()
    {
    }

    /// <summary>The name of the silo.</summary>
    public string Name { get; set; } = "";

    /// <summary>The number of the silo, from 0.</summary>
    public short InstanceNumber { get; set; }

    /// <summary>The address of the silo.</summary>
    public SiloAddress SiloAddress { get; set; } = null!;

    /// <summary>Whether the silo runs.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Stops the silo.</summary>
    /// <param name="stopGracefully">False ends it as a crash would: no grain hears of it.</param>
    public abstract Task StopSiloAsync(bool stopGracefully);

    /// <summary>Stops the silo; what has not ended when the token is cancelled is abandoned.</summary>
    /// <param name="ct">How long to wait.</param>
    public abstract Task StopSiloAsync(CancellationToken ct);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the silo if it still runs.</summary>
    /// <param name="disposing">Whether this is not the finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
