using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Grainflow.Gateway.Auth;

/// <summary>
/// The public keys of an issuer, read from its JSON Web Key Set (RFC 7517, <c>JWT_JWKS_URL</c>) and kept. They are read again when they are
/// older than <see cref="MaxAge"/>, and when a token names a key that is not among them. The library's own <c>ConfigurationManager</c> reads
/// again in the background only, so that it refuses the first valid tokens after a rotation, and it has a clock of its own.
/// </summary>
internal sealed partial class IssuerKeys : IDisposable
{
    /// <summary>How old kept keys may be before they are read again; a key that the issuer withdraws is refused after this time.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    /// <summary>The least time between two readings, so that tokens with invented key names cannot make the server call the issuer each time.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private const int LargestAnswer = 1024 * 1024;

    private readonly Uri _address;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout, MaxResponseContentBufferSize = LargestAnswer };
    private readonly Lock _gate = new();
    private KeySet? _known;
    private Task _reading = Task.CompletedTask;
    private long? _beganReading;

    /// <summary>Keeps the keys of an address; nothing is read before they are asked for.</summary>
    /// <param name="address">An absolute http or https address.</param>
    /// <param name="clock">Decides the age of keys.</param>
    /// <param name="logger">Takes failures to read them.</param>
    public IssuerKeys(Uri address, TimeProvider clock, ILogger logger) => (_address, _clock, _logger) = (address, clock, logger);

    /// <summary>The keys that may have signed a token.</summary>
    /// <param name="keyId">The header <c>kid</c> of the token; null asks for all keys.</param>
    /// <param name="cancellationToken">Gives up waiting; the reading goes on for others.</param>
    /// <returns>Empty when the issuer has no such key; null when its keys were never read.</returns>
    public async ValueTask<IReadOnlyList<SecurityKey>?> FindAsync(string? keyId, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _known);
        var found = known?.Find(keyId);
        if (found is { Count: > 0 })
        {
            // Keys that have become old serve until the new ones are there, so that a slow issuer delays nobody.
            if (_clock.GetElapsedTime(known!.ReadAt) >= MaxAge) _ = Refresh();
            return found;
        }

        await Refresh().WaitAsync(cancellationToken);
        return Volatile.Read(ref _known)?.Find(keyId);
    }

    /// <summary>Ends the connections to the issuer.</summary>
    public void Dispose() => _http.Dispose();

    private Task Refresh()
    {
        lock (_gate)
        {
            if (!_reading.IsCompleted || (_beganReading is { } began && _clock.GetElapsedTime(began) < Pause)) return _reading;
            _beganReading = _clock.GetTimestamp();
            return _reading = ReadAsync();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var keys = Usable(await _http.GetStringAsync(_address));
            if (keys.Count == 0) HasNoKeys(Shown);
            Volatile.Write(ref _known, new KeySet(keys, _clock.GetTimestamp()));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or FormatException or InvalidOperationException)
        {
            NotRead(Shown, exception is OperationCanceledException ? $"there was no answer within {Timeout.TotalSeconds} seconds" : exception.Message.TrimEnd('.'));
        }
    }

    // Without the user name and the query, which may hold a secret.
    private string Shown => _address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static List<SecurityKey> Usable(string json)
    {
        JsonWebKeySet set;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
                throw new FormatException("the answer is no JSON Web Key Set: it has no array 'keys'");
            set = JsonWebKeySet.Create(json);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw new FormatException("the answer is no JSON Web Key Set: it is not the JSON of one", exception);
        }

        // A set may hold shared secrets (kty oct). They are left out, because every reader of the set could sign with them.
        return [.. set.GetSigningKeys().Where(key => key is RsaSecurityKey or ECDsaSecurityKey or X509SecurityKey)];
    }

    [LoggerMessage(2004, LogLevel.Error, "The public keys at JWT_JWKS_URL ({Address}) were not read: {Reason}. Tokens are checked with the keys read before; while there are none, requests with a token are answered with 503.")]
    private partial void NotRead(string address, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "The key set at JWT_JWKS_URL ({Address}) has no RSA or EC key for signatures; no token can be verified with it.")]
    private partial void HasNoKeys(string address);

    private sealed record KeySet(List<SecurityKey> Keys, long ReadAt)
    {
        // A key without a name may be any.
        public List<SecurityKey> Find(string? keyId) =>
            string.IsNullOrEmpty(keyId) ? Keys : Keys.FindAll(key => string.IsNullOrEmpty(key.KeyId) || key.KeyId == keyId);
    }
}
