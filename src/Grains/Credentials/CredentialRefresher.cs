using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Credentials;

/// <summary>
/// Refreshes the token of a credential (contract: semantics 4.5). Of all silos one makes the request: it claims the refresh in the database, and stores the new token before anybody uses
/// it. Leases do not hinder it (decision 40).
/// </summary>
internal sealed partial class CredentialRefresher(
    ICredentialStore store, CredentialSealer sealer, AccessRecorder accesses, SiloIdentity silo, ISiloLiveness liveness, IIdSource ids, CredentialMetrics metrics, TimeProvider clock,
    ILogger<CredentialRefresher> logger, IOAuthClient? oauth = null)
{
    /// <summary>A token is refreshed when it expires within this time.</summary>
    public static readonly TimeSpan DueBefore = TimeSpan.FromSeconds(300);

    /// <summary>How long one request to the provider may take. Callers wait for less than a minute.</summary>
    public static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(20);

    /// <summary>A claim that is older is taken to be of a caller that was lost although its silo is alive.</summary>
    private static readonly TimeSpan ClaimLifetime = TimeSpan.FromMinutes(2);

    /// <summary>How long, and how often, the result of another silo is waited for.</summary>
    private static readonly TimeSpan OthersLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OthersPause = TimeSpan.FromMilliseconds(100);

    /// <summary>How often it is tried to store new tokens: the provider may not accept the old ones any more.</summary>
    private const int StoreAttempts = 8;

    /// <summary>Whether the token of a credential is to be refreshed.</summary>
    public bool IsDue(CredentialRow row) =>
        row is { Type: Blocks.Contract.CredentialTypes.OAuth2, ExpiresAt: { } expiry } && expiry < (clock.GetUtcNow() + DueBefore).ToUnixTimeSeconds();

    /// <summary>Whether the token of a credential has expired.</summary>
    public bool HasExpired(CredentialRow row) => row.ExpiresAt is { } expiry && expiry <= clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Refreshes a token if it is due and has the version that the caller knows.</summary>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">The present token cannot be read.</exception>
    public async Task<CredentialRefresh> RefreshAsync(string userId, string id, long version)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var stored = await store.FindAsync(userId, id, CancellationToken.None);
            if (stored is null || stored.Row.Version != version || !IsDue(stored.Row)) return new CredentialRefresh { HasChanged = true };
            if (oauth is null || oauth.Support(stored.Row.Provider) == OAuthSupport.Unknown) return Unchanged();
            // Before the claim: what cannot be opened is not claimed.
            var secrets = sealer.Open(stored);
            var tokens = CredentialMapping.ToTokens(stored.Row, secrets);
            if (!oauth.CanRefresh(stored.Row.Provider, tokens)) return Unchanged();
            if (oauth.Support(stored.Row.Provider) == OAuthSupport.NotConfigured)
                return Failed($"The client id and secret of {stored.Row.Provider} are not set here, so its tokens cannot be refreshed.", isPassing: true);

            var claim = new RefreshClaim(ids.NewId(), silo.Name, clock.GetUtcNow());
            var gone = stored.RefreshSilo is { } holder ? await liveness.FindGoneAsync([holder], CancellationToken.None) : System.Collections.Immutable.ImmutableHashSet<string>.Empty;
            if (await store.ClaimRefreshAsync(stored.Row, claim, claim.At - ClaimLifetime, gone, CancellationToken.None)) return await RefreshAsync(oauth, stored.Row, secrets, tokens, claim);
            if (clock.GetElapsedTime(started) > OthersLimit) return Failed("The token is being refreshed elsewhere, and there is no result yet.", isPassing: true);
            await Task.Delay(OthersPause, clock);
        }
    }

    private async Task<CredentialRefresh> RefreshAsync(IOAuthClient client, CredentialRow row, CredentialSecrets secrets, OAuthTokens tokens, RefreshClaim claim)
    {
        accesses.Add(new CredentialAccess { At = claim.At, UserId = row.UserId, CredentialId = row.Id, Provider = row.Provider, Purpose = "refresh" });
        OAuthTokens fresh;
        try
        {
            using var limit = new CancellationTokenSource(RequestLimit, clock);
            fresh = await client.RefreshAsync(row.Provider, tokens, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception exception)
        {
            var isPassing = exception is not OAuthException { IsPassing: false };
            NotRefreshed(exception, row.Provider, row.Id);
            metrics.Refreshed(row.Provider, isPassing ? "failed" : "refused");
            await store.AbandonRefreshAsync(row.UserId, row.Id, claim, CancellationToken.None);
            // Only the messages of OAuthException are known to contain no secret.
            return Failed(exception is OAuthException ? exception.Message : $"{row.Provider} did not answer.", isPassing);
        }

        await StoreAsync(row, secrets, fresh, claim);
        metrics.Refreshed(row.Provider, "success");
        // When somebody has changed the credential meanwhile, the caller reads that change.
        return new CredentialRefresh { HasChanged = true };
    }

    /// <summary>Stores new tokens. What the provider did not tell again stays, and no scope is lost.</summary>
    private async Task StoreAsync(CredentialRow row, CredentialSecrets secrets, OAuthTokens fresh, RefreshClaim claim)
    {
        var next = row with
        {
            Version = row.Version + 1,
            Username = fresh.Username ?? row.Username,
            Scopes = [.. row.Scopes.Union(fresh.Scopes, StringComparer.Ordinal)],
            ExpiresAt = fresh.AccessTokenExpiresAt,
            RefreshExpiresAt = fresh.RefreshToken is null ? row.RefreshExpiresAt : fresh.RefreshTokenExpiresAt,
            Metadata = fresh.Metadata is "{}" ? row.Metadata : fresh.Metadata,
            UpdatedAt = clock.GetUtcNow(),
        };
        var kept = secrets with { Secret = fresh.AccessToken, RefreshToken = fresh.RefreshToken ?? secrets.RefreshToken };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await store.StoreRefreshedAsync(next, await sealer.SealAsync(next, kept, CancellationToken.None), claim, CancellationToken.None);
                return;
            }
            catch (Exception exception) when (attempt < StoreAttempts)
            {
                NotStored(exception, row.Id);
                await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), clock);
            }
        }
    }

    private static CredentialRefresh Unchanged() => new() { HasChanged = false };

    private static CredentialRefresh Failed(string message, bool isPassing) => new() { HasChanged = false, Failure = message, IsPassing = isPassing };

    [LoggerMessage(2854, LogLevel.Warning, "The token of {Provider} of credential {CredentialId} was not refreshed.")]
    private partial void NotRefreshed(Exception exception, string provider, string credentialId);

    [LoggerMessage(2855, LogLevel.Warning, "The refreshed token of credential {CredentialId} could not be stored; it is tried again.")]
    private partial void NotStored(Exception exception, string credentialId);
}
