using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Grainflow.Grains.Billing.Payments;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>
/// The logins between the redirect and the callback (contract: semantics 4.6). A state is bound to its user and provider, is accepted once, by whatever silo, and for ten minutes; what the
/// login keeps secret is sealed.
/// </summary>
internal sealed class OAuthStates(IOAuthStateStore store, CredentialSealer sealer, IOptions<PaymentOptions> addresses, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>A new state token: 43 characters.</summary>
    public static string NewToken() => Random(32);

    /// <summary>A new PKCE verifier: 128 characters (RFC 7636, section 4.1).</summary>
    public static string NewVerifier() => Random(96);

    /// <summary>Where the provider sends the user back to; null when the address of the pages is not set.</summary>
    /// <param name="page">The last part of the address, for example <c>oauth_callback</c>.</param>
    public Uri? Redirect(string page) =>
        (addresses.Value.FrontendBaseUrl ?? addresses.Value.PlatformBaseUrl) is { } address ? new Uri($"{address.ToString().TrimEnd('/')}/auth/integrations/{page}") : null;

    /// <summary>Stores a login.</summary>
    /// <param name="token">The state token, which is stored as a hash.</param>
    /// <param name="secret">What the login keeps until its end.</param>
    /// <param name="create">Creates the row from the hash and the time at which the login ends without a callback.</param>
    /// <returns>When it ends without a callback.</returns>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">The data key of the user cannot be opened.</exception>
    public async Task<DateTimeOffset> AddAsync(string token, string secret, Func<byte[], DateTimeOffset, OAuthStateRow> create)
    {
        var now = clock.GetUtcNow();
        var row = create(Hash(token), now + Lifetime);
        await store.AddAsync(row, await sealer.SealLoginAsync(row, secret, CancellationToken.None), now, CancellationToken.None);
        return row.ExpiresAt;
    }

    /// <summary>Takes a login, which ends by it; null when the user has none with this token at this provider, or its time is over.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="token">The state token.</param>
    /// <param name="isExternal">Whether a program began it through the external API; others are left.</param>
    public async Task<StoredOAuthState?> TakeAsync(string userId, string provider, string token, bool isExternal)
    {
        var hash = Hash(token);
        // The database finds a state by its hash, which tells nothing about a state that is almost right; the comparison below takes the same time for every hash.
        var taken = await store.TakeAsync(userId, hash, isExternal, CancellationToken.None);
        return taken is not null && CryptographicOperations.FixedTimeEquals(taken.State.Hash, hash) && taken.State.Provider == provider && taken.State.ExpiresAt > clock.GetUtcNow() ? taken : null;
    }

    /// <summary>What a login that was taken has kept.</summary>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">It cannot be opened.</exception>
    public string Open(StoredOAuthState taken) => sealer.OpenLogin(taken);

    /// <summary>Random bytes in url-safe base64 without padding.</summary>
    private static string Random(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
