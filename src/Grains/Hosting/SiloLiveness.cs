using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Hosting;

/// <summary>One life of one silo, as Orleans names it. A process that is started again has another identity, because its address has a greater generation.</summary>
/// <param name="Address">Address, port and generation.</param>
public sealed record SiloIdentity(SiloAddress Address)
{
    /// <summary>The address as text (<c>10.0.0.7:11111@509871234</c>), as the log holds it. Logs of releases before clusters hold a GUID in its place.</summary>
    public string Name { get; } = Address.ToParsableString();
}

/// <summary>
/// Tells which silos are gone, so that what they ran may run elsewhere. It decides who repeats work; who may write to the log of a run is decided by the epoch.
/// </summary>
public interface ISiloLiveness
{
    /// <summary>The silos that are known to be dead. One that is alive is never among them, nor one of which nothing is known.</summary>
    /// <param name="silos">Each the <see cref="SiloIdentity.Name"/> in a log; may be empty.</param>
    /// <param name="cancellationToken">Gives up waiting for the membership table.</param>
    ValueTask<IReadOnlySet<string>> FindGoneAsync(IEnumerable<string> silos, CancellationToken cancellationToken);

    /// <summary>The silos that take grains, in the order of their names.</summary>
    IReadOnlyList<SiloIdentity> FindActive();

    /// <summary>
    /// Reads the membership table, for a caller that another silo has told of a change: the notice of it may not have arrived at this silo, or be lost. When the table cannot
    /// be read, what was known before stays.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting for the membership table.</param>
    ValueTask RefreshAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The liveness according to the membership of Orleans (ADR 0023). A silo is gone when membership has declared it dead, when a later silo has its address, or
/// when the table does not list it: rows of dead silos are removed after some days, and a silo that was alone on its database was never in the table of a cluster.
/// </summary>
/// <remarks>
/// A silo writes itself into the table before it can write its name into a log. So a table that was read after the name was read from the log lists the silo,
/// unless its row was removed, which happens to rows of dead silos only.
/// </remarks>
/// <param name="self">This silo.</param>
/// <param name="membership">The membership of Orleans.</param>
/// <param name="logger">Logs when the table cannot be read.</param>
public sealed partial class MembershipLiveness(SiloIdentity self, IClusterMembershipService membership, ILogger<MembershipLiveness> logger) : ISiloLiveness
{
    /// <summary>Silos that were found gone. A dead silo does not come back, so that a start with many interrupted runs reads the table once.</summary>
    private readonly ConcurrentDictionary<string, bool> _gone = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlySet<string>> FindGoneAsync(IEnumerable<string> silos, CancellationToken cancellationToken)
    {
        var asked = silos.Where(silo => !string.Equals(silo, self.Name, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        if (asked.Count == 0) return ImmutableHashSet<string>.Empty;

        var snapshot = membership.CurrentSnapshot;
        var unlisted = asked.Where(silo => !_gone.ContainsKey(silo) && StateOf(silo, snapshot) == SiloState.Unlisted).ToList();
        if (unlisted.Count > 0 && await ReadTableAsync(cancellationToken))
        {
            snapshot = membership.CurrentSnapshot;
            // A table without this silo as an active member is not the one that the silo of the log wrote itself into.
            if (snapshot.Members.TryGetValue(self.Address, out var own) && own.Status == SiloStatus.Active)
            {
                foreach (var silo in unlisted.Where(silo => StateOf(silo, snapshot) != SiloState.Listed)) _gone[silo] = true;
            }
        }

        foreach (var silo in asked.Where(silo => StateOf(silo, snapshot) == SiloState.Dead)) _gone[silo] = true;
        asked.RemoveWhere(silo => !_gone.ContainsKey(silo));
        return asked;
    }

    /// <inheritdoc/>
    public IReadOnlyList<SiloIdentity> FindActive() =>
    [
        .. membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active)
            .Select(member => new SiloIdentity(member.SiloAddress)).OrderBy(silo => silo.Name, StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken) => await ReadTableAsync(cancellationToken);

    private static SiloState StateOf(string silo, ClusterMembershipSnapshot snapshot)
    {
        if (!SiloAddress.TryParse(silo, out var address)) return SiloState.Dead;
        if (snapshot.Members.Keys.Any(member => member.Endpoint.Equals(address.Endpoint) && member.Generation > address.Generation)) return SiloState.Dead;
        return snapshot.GetSiloStatus(address) switch
        {
            SiloStatus.Dead => SiloState.Dead,
            SiloStatus.None => SiloState.Unlisted,
            _ => SiloState.Listed,
        };
    }

    /// <summary>Reads the table after the time of the call. False when it cannot be read.</summary>
    private async Task<bool> ReadTableAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The first call may join a reading that began before this one; the second then begins another.
            await membership.Refresh(cancellationToken: cancellationToken);
            await membership.Refresh(cancellationToken: cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            TableNotRead(exception);
            return false;
        }
    }

    [LoggerMessage(1400, LogLevel.Warning, "The membership table could not be read; silos that may be dead are taken as alive until it is.")]
    private partial void TableNotRead(Exception exception);

    private enum SiloState
    {
        Listed,
        Unlisted,
        Dead,
    }
}
