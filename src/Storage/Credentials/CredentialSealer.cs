using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Engine.Values;

namespace Grainflow.Storage.Credentials;

/// <summary>Seals and opens what is stored for users.</summary>
/// <param name="store">The data keys of the users.</param>
/// <param name="keys">The keys that those are sealed by.</param>
public sealed class CredentialSealer(ICredentialStore store, EncryptionKeys keys) : ISecretSealer
{
    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Seals the secrets of a credential. A user without a data key gets one.</summary>
    /// <param name="row">The credential, with the version that it is going to have.</param>
    /// <param name="secrets">Its secrets.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">The data key of the user cannot be opened.</exception>
    public async Task<byte[]> SealAsync(CredentialRow row, CredentialSecrets secrets, CancellationToken cancellationToken) =>
        await SealAsync(row.UserId, JsonSerializer.SerializeToUtf8Bytes(secrets, WithoutNulls), Bound(row), cancellationToken);

    /// <summary>Opens the secrets of a credential.</summary>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">They cannot be opened.</exception>
    public CredentialSecrets Open(StoredCredential credential)
    {
        var plain = Open(credential.Row.UserId, credential.DataKey.Span, credential.Sealed.Span, Bound(credential.Row));
        try
        {
            return JsonSerializer.Deserialize<CredentialSecrets>(plain, WithoutNulls)!;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Seals what a login keeps until its end, such as its PKCE verifier.</summary>
    /// <param name="state">The login.</param>
    /// <param name="secret">What it keeps.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">The data key of the user cannot be opened.</exception>
    public Task<byte[]> SealLoginAsync(OAuthStateRow state, string secret, CancellationToken cancellationToken) =>
        SealAsync(state.UserId, System.Text.Encoding.UTF8.GetBytes(secret), Bound(state), cancellationToken);

    /// <summary>Opens what a login keeps until its end.</summary>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">It cannot be opened.</exception>
    public string OpenLogin(StoredOAuthState stored) =>
        System.Text.Encoding.UTF8.GetString(Open(stored.State.UserId, stored.DataKey.Span, stored.Sealed.Span, Bound(stored.State)));

    /// <inheritdoc/>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">The data key of the user cannot be opened.</exception>
    public Task<byte[]> SealAsync(string userId, string purpose, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) =>
        SealAsync(userId, secret.ToArray(), Bound(userId, purpose), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="EncryptionKeyException">There is no key.</exception>
    /// <exception cref="UnreadableSecretException">The secret cannot be opened.</exception>
    public async Task<byte[]> OpenAsync(string userId, string purpose, ReadOnlyMemory<byte> @sealed, CancellationToken cancellationToken)
    {
        var dataKey = await store.FindDataKeyAsync(userId, cancellationToken) ?? throw new UnreadableSecretException("The user whose secret is to be opened has no data key.");
        return Open(userId, dataKey.Span, @sealed.Span, Bound(userId, purpose));
    }

    private async Task<byte[]> SealAsync(string userId, byte[] plain, byte[] bound, CancellationToken cancellationToken)
    {
        var ring = keys.Ring();
        var sealedKey = await store.FindDataKeyAsync(userId, cancellationToken) ?? await store.AddDataKeyAsync(userId, Envelope.CreateDataKey(userId, ring), cancellationToken);
        var key = Envelope.OpenDataKey(sealedKey.Span, userId, ring);
        try
        {
            return Envelope.Seal(key, plain, bound);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private byte[] Open(string userId, ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> box, byte[] bound)
    {
        var key = Envelope.OpenDataKey(dataKey, userId, keys.Ring());
        try
        {
            return Envelope.Open(key, box, bound);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] Bound(string userId, string purpose) => Envelope.Bound("secret", userId, purpose);

    /// <summary>Provider, type, host and the address of a model server are bound too: they decide to whom the secret is sent. Keys without such an address are bound as before there were any.</summary>
    private static byte[] Bound(CredentialRow row)
    {
        string?[] parts = ["credential", row.UserId, row.Id, row.Version.ToString(CultureInfo.InvariantCulture), row.Provider, row.Type, row.Host];
        return Envelope.Bound(BaseUrl(row) is { } address ? [.. parts, address] : parts);
    }

    private static string? BaseUrl(CredentialRow row) =>
        row.Type == "api_key" && JsonValues.Parse(row.Metadata).Member("base_url") is { } address ? JsonValues.Compact(address) : null;

    private static byte[] Bound(OAuthStateRow state) => Envelope.Bound("login", state.UserId, Convert.ToHexStringLower(state.Hash), state.Provider, state.CredentialId);
}
