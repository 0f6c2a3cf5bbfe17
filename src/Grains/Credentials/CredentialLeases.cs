using System.Collections.Concurrent;
using Grainflow.Blocks.Contract;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Credentials;

/// <inheritdoc cref="ICredentialLeases"/>
/// <remarks>
/// A credential of the platform is in memory: a use of it is counted, and recorded with others. A credential of a user costs one statement, which grants the lease and records the
/// access. The leases of this silo are renewed together.
/// </remarks>
internal sealed partial class CredentialLeases(
    SystemCredentialVault vault, ICredentialLeaseStore store, ICredentialStore credentials, CredentialSealer sealer, CredentialRefresher refresher, AccessRecorder accesses, LeaseKeeper keeper,
    SiloIdentity silo, IGrainFactory grains, CredentialMetrics metrics, TimeProvider clock, ILogger<CredentialLeases> logger) : ICredentialLeases
{
    /// <summary>How often, and for how long, a change of the credential that is under way is waited for. A change waits for leases for a shorter time.</summary>
    private static readonly TimeSpan ChangePause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ChangeLimit = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<CredentialLease?> AcquireAsync(string userId, string credentialId, CredentialUse use, CancellationToken cancellationToken)
    {
        var access = new CredentialAccess
        {
            At = clock.GetUtcNow(),
            UserId = userId,
            CredentialId = credentialId,
            Purpose = use.Purpose,
            RunId = use.RunId,
            NodeExecutionId = use.NodeExecutionId,
        };
        if (vault.Find(credentialId) is { } system)
        {
            metrics.SystemUsed(system.Provider);
            accesses.Add(access with { Provider = system.Provider });
            return new FixedLease(system);
        }

        var grant = await GrantAsync(access, cancellationToken);
        if (grant.Credential is not { } stored)
        {
            metrics.Refused(use.Purpose);
            return null;
        }

        var lease = keeper.Keep(grant.Fence);
        try
        {
            return lease.With(await OpenAsync(stored, cancellationToken));
        }
        catch (Exception exception)
        {
            await RefuseAsync(grant, lease, use, exception is CredentialUnusableException ? exception.Message : "It was not used, because the access was cancelled or has failed.");
            throw;
        }
    }

    private async Task<LeaseGrant> GrantAsync(CredentialAccess access, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            LeaseGrant grant;
            try
            {
                grant = await store.AcquireAsync(access with { At = clock.GetUtcNow() }, silo.Name, cancellationToken);
            }
            catch
            {
                keeper.LookForUnknown();
                throw;
            }

            if (!grant.IsClosing) return grant;
            if (clock.GetElapsedTime(started) >= ChangeLimit)
            {
                accesses.Add(access with { Reason = "It is being changed." });
                throw new CredentialUnusableException($"Credentials {Shown(grant.Credential!.Row)} are being changed; try again in a moment.");
            }

            await Task.Delay(ChangePause, clock, cancellationToken);
        }
    }

    /// <summary>Opens the secret, and refreshes a token before when it is due.</summary>
    private async Task<Credential> OpenAsync(StoredCredential stored, CancellationToken cancellationToken)
    {
        try
        {
            if (refresher.IsDue(stored.Row)) stored = await RefreshAsync(stored, cancellationToken);
            return CredentialMapping.ToCredential(stored.Row, sealer.Open(stored));
        }
        catch (Exception exception) when (exception is UnreadableSecretException or EncryptionKeyException)
        {
            NotOpened(exception, stored.Row.Id);
            throw new CredentialUnusableException($"Credentials {Shown(stored.Row)} cannot be read. {exception.Message}", exception);
        }
    }

    /// <summary>The credential after a refresh. One whose refresh has failed stays as it is while its token is valid (contract: semantics 4.5).</summary>
    private async Task<StoredCredential> RefreshAsync(StoredCredential stored, CancellationToken cancellationToken)
    {
        var row = stored.Row;
        var refresh = await RefreshAsync(row, cancellationToken);
        if (refresh.HasChanged)
        {
            return await credentials.FindAsync(row.UserId, row.Id, cancellationToken)
                ?? throw new CredentialUnusableException($"Credentials {Shown(row)} were deleted.");
        }

        if (refresh.Failure is null || !refresher.HasExpired(row)) return stored;
        var cure = refresh.IsPassing ? "Try again later." : "Log in again.";
        throw new CredentialUnusableException($"The token of credentials {Shown(row)} has expired and could not be refreshed: {refresh.Failure} {cure}");
    }

    private async Task<CredentialRefresh> RefreshAsync(CredentialRow row, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(row.UserId, row.Id)).Refresh(row.Version).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // As after a failure of the provider: the silo of the refresh may have died, or the database is away.
            RefreshNotAnswered(exception, row.Id);
            return new CredentialRefresh { HasChanged = false, Failure = "The refresh was not answered.", IsPassing = true };
        }
    }

    private async Task RefuseAsync(LeaseGrant grant, HeldLease lease, CredentialUse use, string reason)
    {
        metrics.Refused(use.Purpose);
        await lease.DisposeAsync();
        try
        {
            await store.RefuseAsync(grant, reason, CancellationToken.None);
        }
        catch (Exception exception)
        {
            NotRecorded(exception, grant.AccessId);
        }
    }

    private static string Shown(CredentialRow row) => row.Title is { Length: > 0 } title ? $"'{title}' of {row.Provider}" : $"#{row.Id} of {row.Provider}";

    [LoggerMessage(2857, LogLevel.Error, "Credential {CredentialId} cannot be read.")]
    private partial void NotOpened(Exception exception, string credentialId);

    [LoggerMessage(2864, LogLevel.Warning, "The refresh of the token of credential {CredentialId} was not answered.")]
    private partial void RefreshNotAnswered(Exception exception, string credentialId);

    [LoggerMessage(2858, LogLevel.Warning, "Access {AccessId} was refused after all, which could not be recorded; it is recorded as granted.")]
    private partial void NotRecorded(Exception exception, long accessId);
}

/// <summary>A lease that this silo holds.</summary>
internal sealed class HeldLease(long fence, LeaseKeeper keeper) : CredentialLease
{
    private readonly CancellationTokenSource _lost = new();
    private Credential? _credential;
    private int _disposed;

    /// <inheritdoc/>
    public override Credential Credential => _credential ?? throw new InvalidOperationException("The lease has no credential yet.");

    /// <inheritdoc/>
    public override long Fence => fence;

    /// <inheritdoc/>
    public override CancellationToken Lost => _lost.Token;

    /// <summary>Sets the credential.</summary>
    /// <returns>This lease.</returns>
    public HeldLease With(Credential credential)
    {
        _credential = credential;
        return this;
    }

    /// <summary>Tells the holder that the lease is not valid any more.</summary>
    public void Lose() => _ = _lost.CancelAsync();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) keeper.Release(fence);
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// The leases that this silo holds. They are renewed together while there are any; a lease that the database does not have any more is lost. They have no end by time: a change
/// waits for them until they are given back, or until membership has declared this silo dead.
/// </summary>
/// <param name="store">The leases.</param>
/// <param name="silo">This silo.</param>
/// <param name="clock">Paces the renewals.</param>
/// <param name="logger">Logs what could not be written.</param>
internal sealed partial class LeaseKeeper(ICredentialLeaseStore store, SiloIdentity silo, TimeProvider clock, ILogger<LeaseKeeper> logger) : IAsyncDisposable
{
    /// <summary>The time between two renewals.</summary>
    public static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(15);

    /// <summary>A lease that is older and not known here was granted by a statement whose answer was lost.</summary>
    private static readonly TimeSpan GrantLimit = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<long, HeldLease> _held = [];
    private readonly Lock _gate = new();
    private List<long> _returned = [];
    private DateTimeOffset? _unknownUntil;
    private Task _releasing = Task.CompletedTask;
    private bool _isReleasing;
    private ITimer? _timer;
    private Task _renewing = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>How many leases are held.</summary>
    public int Count => _held.Count;

    /// <summary>Keeps a lease that was granted.</summary>
    public HeldLease Keep(long fence)
    {
        var lease = new HeldLease(fence, this);
        _held[fence] = lease;
        EnsureTimer();
        return lease;
    }

    /// <summary>Gives a lease back. Nobody waits for it.</summary>
    public void Release(long fence)
    {
        _held.TryRemove(fence, out _);
        lock (_gate)
        {
            _returned.Add(fence);
            StartReleasing();
        }
    }

    /// <summary>Removes a lease whose grant was not answered, when it is certain that no statement grants it any more.</summary>
    public void LookForUnknown()
    {
        lock (_gate) _unknownUntil = clock.GetUtcNow() + GrantLimit + RenewalInterval;
        EnsureTimer();
    }

    /// <summary>Gives back what is held: nobody renews it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task releasing, renewing;
        lock (_gate)
        {
            _isStopped = true;
            _timer?.Dispose();
            _returned.AddRange(_held.Keys);
            StartReleasing();
            (releasing, renewing) = (_releasing, _renewing);
        }

        await Task.WhenAll(releasing, renewing);
    }

    private void EnsureTimer()
    {
        lock (_gate)
        {
            if (_timer is not null || _isStopped) return;
            _timer = clock.CreateTimer(static keeper => ((LeaseKeeper)keeper!).Tick(), this, RenewalInterval, RenewalInterval);
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_isStopped || !_renewing.IsCompleted) return;
            if (_held.IsEmpty && _returned.Count == 0 && _unknownUntil is null)
            {
                _timer?.Dispose();
                _timer = null;
                return;
            }

            StartReleasing();
            using (ExecutionContext.SuppressFlow()) _renewing = Task.Run(RenewAsync);
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            var now = clock.GetUtcNow();
            var fences = _held.Keys.ToList();
            if (fences.Count > 0)
            {
                var kept = await store.RenewAsync(silo.Name, fences, now, CancellationToken.None);
                foreach (var fence in fences.Where(fence => !kept.Contains(fence)))
                {
                    // One that was given back meanwhile is not lost.
                    if (!_held.TryRemove(fence, out var lease)) continue;
                    LeaseLost(fence);
                    lease.Lose();
                }
            }

            if (_unknownUntil is not { } until) return;
            await store.RemoveUnknownAsync(silo.Name, [.. _held.Keys], now - GrantLimit, CancellationToken.None);
            lock (_gate) if (now >= until && _unknownUntil == until) _unknownUntil = null;
        }
        catch (Exception exception)
        {
            NotRenewed(exception, _held.Count);
        }
    }

    /// <summary>Starts to give back what was returned; called under the lock.</summary>
    private void StartReleasing()
    {
        if (_isReleasing || _returned.Count == 0) return;
        _isReleasing = true;
        using (ExecutionContext.SuppressFlow()) _releasing = Task.Run(ReleaseAllAsync);
    }

    private async Task ReleaseAllAsync()
    {
        while (true)
        {
            List<long> fences;
            lock (_gate)
            {
                (fences, _returned) = (_returned, []);
                _isReleasing = fences.Count > 0;
            }

            if (fences.Count == 0) return;
            try
            {
                await store.ReleaseAsync(fences, CancellationToken.None);
            }
            catch (Exception exception)
            {
                NotReleased(exception, fences.Count);
                // The next tick tries it again.
                lock (_gate)
                {
                    _returned.AddRange(fences);
                    _isReleasing = false;
                }

                EnsureTimer();
                return;
            }
        }
    }

    [LoggerMessage(2859, LogLevel.Warning, "Lease {Fence} of a credential was lost: the credential was deleted by force, or this silo was taken for dead.")]
    private partial void LeaseLost(long fence);

    [LoggerMessage(2860, LogLevel.Warning, "{Count} leases of credentials could not be renewed; they are kept, and it is tried again.")]
    private partial void NotRenewed(Exception exception, int count);

    [LoggerMessage(2861, LogLevel.Warning, "{Count} leases of credentials could not be given back; it is tried again.")]
    private partial void NotReleased(Exception exception, int count);
}
