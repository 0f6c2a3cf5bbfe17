namespace Orleans;

/// <summary>A client of the cluster; inside a silo, the silo itself.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The services of the host that the client lives in.</summary>
    IServiceProvider ServiceProvider { get; }
}
