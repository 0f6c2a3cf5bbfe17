using System.Security.Cryptography;
using System.Text;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Telemetry;
using Grainflow.Storage.ApiKeys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;

namespace Grainflow.Gateway.ApiKeys;

/// <summary>
/// Finds the caller of a request of the external API by the key in <c>X-API-Key</c> (contract: semantics 8.5). Status and permissions are read at each request, so that a revocation counts
/// at once; only that a text fits a hash, which takes scrypt some time, is remembered.
/// </summary>
internal sealed class ApiKeyGate(IApiKeyStore store, GatewayMetrics metrics, TimeProvider clock) : IDisposable
{
    /// <summary>The header with the key.</summary>
    public const string Header = "X-API-Key";

    private const int MaxRemembered = 10_000;

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    /// <summary>After which time a use is written again.</summary>
    private static readonly TimeSpan NotedAgain = TimeSpan.FromMinutes(1);

    /// <summary>SHA-256 of text and hash of what has been found to fit.</summary>
    private readonly MemoryCache _fits = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });

    /// <summary>The owner of the key, when it has the permission.</summary>
    /// <param name="context">The request.</param>
    /// <param name="permission">What the operation needs.</param>
    /// <exception cref="ApiException">401 without a valid key, 403 without the permission.</exception>
    public async Task<Caller> RequireAsync(HttpContext context, string permission)
    {
        var text = context.Request.Headers[Header].ToString();
        if (text.Length == 0)
        {
            var hasToken = context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);
            throw Refused(hasToken ? "Invalid or expired access token" : $"Missing authentication. Provide an API key in the header {Header}.");
        }

        var key = await FindAsync(text, context.RequestAborted);
        metrics.CountToken("api_key", key is not null);
        if (key is null) throw Refused("Invalid API key");
        if (!key.Permissions.Contains(permission, StringComparer.Ordinal)) throw ApiException.Detail(StatusCodes.Status403Forbidden, $"Missing required permission: {permission}");
        var now = clock.GetUtcNow();
        if (!(now - key.LastUsedAt < NotedAgain)) await store.UsedAsync(key.Id, now, context.RequestAborted);
        return new Caller(key.UserId, "authenticated", Email: null) { ApiKeyId = key.Id };
    }

    /// <inheritdoc/>
    public void Dispose() => _fits.Dispose();

    private async Task<ApiKeyRow?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (!ApiKeyText.IsOne(text)) return null;
        foreach (var key in await store.ActiveAsync(ApiKeyText.HeadOf(text), cancellationToken))
            if (Fits(text, key)) return key;
        return null;
    }

    private bool Fits(string text, ApiKeyRow key)
    {
        var known = Convert.ToHexString(SHA256.HashData([.. Encoding.UTF8.GetBytes(text), .. key.Hash]));
        if (_fits.TryGetValue(known, out _)) return true;
        if (!CryptographicOperations.FixedTimeEquals(ApiKeyText.HashOf(text, key.Salt), key.Hash)) return false;
        _fits.Set(known, value: true, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Remembered });
        return true;
    }

    private static ApiException Refused(string reason) => ApiException.Detail(StatusCodes.Status401Unauthorized, reason);
}
