using Grainflow.Blocks.Contract;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Webhooks;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Grainflow.Grains.Credentials;

/// <inheritdoc cref="ICredentialGrain"/>
/// <remarks>
/// The row is the record; this grain keeps only a refresh that is under way, so that its callers share the result, and the failure of the last one. Reentrant, because a change that waits
/// for leases must not keep a refresh waiting.
/// </remarks>
[Reentrant, PreferLocalPlacement, StayingSilos]
internal sealed partial class CredentialGrain(
    ICredentialStore store, CredentialSealer sealer, CredentialRefresher refresher, SystemCredentialVault vault, AccessRecorder accesses, ISiloLiveness liveness, TimeProvider clock,
    ILogger<CredentialGrain> logger, IOAuthClient? oauth = null, ICredentialWebhooks? webhooks = null)
    : Grain, ICredentialGrain
{
    /// <summary>How long a change waits for leases.</summary>
    private static readonly TimeSpan LeaseWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeasePause = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a refresh that has failed is not tried again.</summary>
    private static readonly TimeSpan PassingPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan RevocationLimit = TimeSpan.FromSeconds(20);

    private Task<CredentialRefresh>? _refreshing;
    private (CredentialRefresh Result, long Version, long At)? _failed;

    private string Id => this.GetPrimaryKeyString().Split('\n', 2)[0];

    private string UserId => this.GetPrimaryKeyString().Split('\n', 2)[1];

    /// <inheritdoc/>
    public Task<CredentialAnswer> Create(CredentialContent content) => AnsweredAsync(async () =>
    {
        if (CredentialCheck.Problem(Id, content) is { } problem) return Refused(CredentialVerdict.Invalid, problem);
        if (vault.Find(Id) is not null || SystemCredentials.Ids.Values.Contains(Id, StringComparer.OrdinalIgnoreCase)) return Refused(CredentialVerdict.Exists, $"Credentials #{Id} already exist.");
        var row = CredentialMapping.ToRow(UserId, Id, content, clock.GetUtcNow());
        var sealedSecret = await sealer.SealAsync(row, CredentialMapping.ToSecrets(content), CancellationToken.None);
        if (await store.InsertAsync(row, sealedSecret, CancellationToken.None)) return Done(row);
        return Refused(CredentialVerdict.Exists, $"Credentials #{Id} already exist.") with { Credential = await store.FindAsync(UserId, Id, CancellationToken.None) is { } stored ? CredentialMapping.ToMeta(stored.Row) : null };
    });

    /// <inheritdoc/>
    public Task<CredentialAnswer> Change(CredentialContent content) => AnsweredAsync(async () =>
    {
        if (CredentialCheck.Problem(Id, content) is { } problem) return Refused(CredentialVerdict.Invalid, problem);
        var verdict = await WhenFreeAsync(async gone =>
        {
            if (await store.FindAsync(UserId, Id, CancellationToken.None) is not { } stored || stored.Row.Provider != content.Provider) return (CredentialWrite.NotFound, Refused(CredentialVerdict.NotFound, NotThere));
            if (CredentialCheck.ChangeProblem(stored.Row, content) is { } wrong) return (CredentialWrite.Done, Refused(CredentialVerdict.Invalid, wrong));
            // What cannot be read is not overwritten: it may be readable with the right key.
            sealer.Open(stored);
            var next = CredentialMapping.ToRow(UserId, Id, content, clock.GetUtcNow()) with
            {
                Title = content.Title ?? stored.Row.Title,
                Version = stored.Row.Version + 1,
                CreatedAt = stored.Row.CreatedAt,
            };
            return (await store.UpdateAsync(next, await sealer.SealAsync(next, CredentialMapping.ToSecrets(content), CancellationToken.None), gone, CancellationToken.None), Done(next));
        });
        return verdict.Write switch
        {
            CredentialWrite.Held or CredentialWrite.Conflict => Refused(CredentialVerdict.Busy, $"Credentials #{Id} are in use; change them when the blocks that use them have ended."),
            CredentialWrite.NotFound => Refused(CredentialVerdict.NotFound, NotThere),
            _ => verdict.Answer,
        };
    });

    /// <inheritdoc/>
    public async Task<CredentialDeletion> Delete(string provider, bool force)
    {
        if (vault.Find(Id) is { } system) return system.Provider == provider ? new CredentialDeletion { Verdict = CredentialVerdict.Done } : Missing();
        if (await store.FindAsync(UserId, Id, CancellationToken.None) is not { } stored || stored.Row.Provider != provider) return Missing();
        var support = stored.Row.Type != CredentialTypes.OAuth2 ? (OAuthSupport?)null : oauth?.Support(provider) ?? OAuthSupport.Unknown;
        if (!force)
        {
            // Without its client the tokens could not be revoked.
            if (support == OAuthSupport.Unknown) return new CredentialDeletion { Verdict = CredentialVerdict.NoOAuth, Message = $"Provider '{provider}' does not support OAuth" };
            if (support == OAuthSupport.NotConfigured)
                return new CredentialDeletion { Verdict = CredentialVerdict.NotConfigured, Message = $"Integration with provider '{provider}' is not configured." };
            if (webhooks is not null && await webhooks.CountTriggeredAsync(UserId, Id, CancellationToken.None) is > 0 and var count)
                return Unconfirmed($"Webhooks that were created with these credentials are in use by {(count == 1 ? "a trigger" : "triggers")}; they are removed too.");
        }

        // Without force they are webhooks that nothing uses, so that they may go although the credential stays when blocks do not end. Before new leases are refused, because the
        // deregistration takes one.
        if (webhooks is not null) await webhooks.RemoveAllAsync(UserId, Id, CancellationToken.None);
        var tokens = support is OAuthSupport.Configured or OAuthSupport.ByRegistration ? TokensForRevocation(stored) : null;
        var written = force
            ? await store.DeleteAsync(UserId, Id, gone: null, CancellationToken.None)
            : (await WhenFreeAsync(async gone => (await store.DeleteAsync(UserId, Id, gone, CancellationToken.None), 0))).Write;
        if (written == CredentialWrite.Held) return InUse();
        return new CredentialDeletion { Verdict = CredentialVerdict.Done, Revoked = support is null ? null : tokens is not null && await RevokeAsync(provider, tokens) };
    }

    /// <inheritdoc/>
    public async Task<CredentialRefresh> Refresh(long version)
    {
        if (_failed is { } failed && failed.Version == version && clock.GetElapsedTime(failed.At) < (failed.Result.IsPassing ? PassingPause : RefusedPause)) return failed.Result;
        var refreshing = _refreshing ??= refresher.RefreshAsync(UserId, Id, version);
        try
        {
            var result = await refreshing;
            _failed = result.Failure is null ? null : (result, version, clock.GetTimestamp());
            return result;
        }
        catch (Exception exception) when (exception is EncryptionKeyException or UnreadableSecretException)
        {
            return new CredentialRefresh { HasChanged = false, Failure = exception.Message };
        }
        finally
        {
            if (_refreshing == refreshing) _refreshing = null;
        }
    }

    /// <summary>
    /// Makes a change when nobody holds a lease. While it waits, no new lease is granted, so that blocks that overlap cannot keep it waiting. Leases of dead silos do not count.
    /// </summary>
    private async Task<(CredentialWrite Write, T Answer)> WhenFreeAsync<T>(Func<IReadOnlySet<string>, Task<(CredentialWrite, T)>> change)
    {
        var started = clock.GetTimestamp();
        var until = clock.GetUtcNow() + LeaseWait;
        await store.CloseAsync(UserId, Id, until, CancellationToken.None);
        try
        {
            while (true)
            {
                // Known before the leases are read, so that they are read once more after the last pause.
                var isLate = clock.GetElapsedTime(started) >= LeaseWait;
                var holders = (await store.HoldersAsync(UserId, Id, CancellationToken.None)).Distinct(StringComparer.Ordinal).ToList();
                var gone = await liveness.FindGoneAsync(holders, CancellationToken.None);
                var (write, answer) = holders.All(gone.Contains) ? await change(gone) : (CredentialWrite.Held, default!);
                if (write is not (CredentialWrite.Held or CredentialWrite.Conflict) || isLate) return (write, answer);
                await Task.Delay(LeasePause, clock);
            }
        }
        finally
        {
            await store.CloseAsync(UserId, Id, until: null, CancellationToken.None);
        }
    }

    /// <summary>The tokens; null when they cannot be read, which is no reason to keep the credential.</summary>
    private OAuthTokens? TokensForRevocation(StoredCredential stored)
    {
        var access = new CredentialAccess { At = clock.GetUtcNow(), UserId = UserId, CredentialId = Id, Provider = stored.Row.Provider, Purpose = "revoke" };
        try
        {
            var tokens = CredentialMapping.ToTokens(stored.Row, sealer.Open(stored));
            accesses.Add(access);
            return tokens;
        }
        catch (Exception exception) when (exception is UnreadableSecretException or EncryptionKeyException)
        {
            accesses.Add(access with { Reason = exception.Message });
            return null;
        }
    }

    private async Task<bool> RevokeAsync(string provider, OAuthTokens tokens)
    {
        try
        {
            using var limit = new CancellationTokenSource(RevocationLimit, clock);
            return await oauth!.RevokeAsync(provider, tokens, limit.Token);
        }
        catch (Exception exception)
        {
            NotRevoked(exception, provider, Id);
            return false;
        }
    }

    private static async Task<CredentialAnswer> AnsweredAsync(Func<Task<CredentialAnswer>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception exception) when (exception is EncryptionKeyException or UnreadableSecretException)
        {
            return Refused(CredentialVerdict.Unreadable, exception.Message);
        }
    }

    private const string NotThere = "Credentials not found";

    private static CredentialAnswer Done(CredentialRow row) => new() { Verdict = CredentialVerdict.Done, Credential = CredentialMapping.ToMeta(row) };

    private static CredentialAnswer Refused(CredentialVerdict verdict, string message) => new() { Verdict = verdict, Message = message };

    private static CredentialDeletion Missing() => new() { Verdict = CredentialVerdict.NotFound, Message = NotThere };

    private static CredentialDeletion InUse() => Unconfirmed("Blocks of running agents use these credentials.");

    private static CredentialDeletion Unconfirmed(string reason) => new() { Verdict = CredentialVerdict.NeedsConfirmation, Message = $"{reason} Delete the credentials anyway?" };

    [LoggerMessage(2856, LogLevel.Warning, "The tokens of {Provider} of the deleted credential {CredentialId} could not be revoked at the provider.")]
    private partial void NotRevoked(Exception exception, string provider, string credentialId);
}
