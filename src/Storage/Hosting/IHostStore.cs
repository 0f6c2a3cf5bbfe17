namespace Grainflow.Storage.Hosting;

/// <summary>Which processes live. Heartbeats decide liveness; epochs decide correctness.</summary>
public interface IHostStore
{
    /// <summary>Records a new incarnation.</summary>
    /// <param name="incarnation">A fresh id for this life of the process.</param>
    /// <param name="name">A name for people.</param>
    /// <param name="at">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task RegisterAsync(Guid incarnation, string name, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Says that an incarnation lives.</summary>
    /// <param name="incarnation">The incarnation.</param>
    /// <param name="at">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when it was removed: others have taken it for dead.</returns>
    Task<bool> HeartbeatAsync(Guid incarnation, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Every recorded incarnation, oldest first.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<HostRow>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Forgets incarnations that are gone.</summary>
    /// <param name="incarnations">The incarnations.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task RemoveAsync(IReadOnlyCollection<Guid> incarnations, CancellationToken cancellationToken);
}
