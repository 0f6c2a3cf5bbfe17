using System.Security.Cryptography;
using System.Text;
using Grainflow.Gateway.Auth;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Grainflow.Gateway.Tests.Auth;

/// <summary>Tokens that are checked with a key of the settings (contract: semantics 0, errors "auth-and-protocol").</summary>
public sealed class AccessTokensTests
{
    private const string Secret = "a secret of thirty-two bytes or more";

    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero));
    private static readonly long Now = Clock.GetUtcNow().ToUnixTimeSeconds();

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task A_secret_verifies_what_was_signed_with_it(string algorithm)
    {
        Assert.Equal("user-1", await UserAsync(SignedTokens.Of(algorithm, Secret), algorithm, Secret));
        Assert.Equal("Invalid token: signature verification failed", await RefusalAsync(SignedTokens.Of(algorithm, Secret + "!"), algorithm, Secret));
    }

    [Theory]
    [InlineData("k", "HS256")]
    [InlineData("k", "HS512")]
    [InlineData("exactly thirty-two bytes of text", "HS384")]
    public async Task A_short_secret_verifies_too(string secret, string algorithm)
    {
        Assert.Equal("user-1", await UserAsync(SignedTokens.Of(algorithm, secret), algorithm, secret));
        Assert.Equal("Invalid token: signature verification failed", await RefusalAsync(SignedTokens.Of(algorithm, secret + "!"), algorithm, secret));
    }

    [Fact]
    public async Task A_secret_longer_than_the_block_of_the_hash_verifies_too()
    {
        var secret = new string('s', 300);
        Assert.Equal("user-1", await UserAsync(SignedTokens.Of("HS256", secret), "HS256", secret));
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task A_public_key_verifies_what_was_signed_with_its_private_key(string algorithm)
    {
        using var key = Key(algorithm);
        using var other = Key(algorithm);
        var pem = key.ExportSubjectPublicKeyInfoPem();
        Assert.Equal("user-1", await UserAsync(SignedTokens.Of(algorithm, key), algorithm, pem));
        Assert.Equal("user-1", await UserAsync(SignedTokens.Of(algorithm, key, kid: "any"), algorithm, pem.Replace("\n", "\\n", StringComparison.Ordinal)));
        Assert.Equal("Invalid token: signature verification failed", await RefusalAsync(SignedTokens.Of(algorithm, other), algorithm, pem));
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task A_public_key_is_never_taken_as_a_secret(string algorithm)
    {
        using var key = Key(algorithm);
        var pem = key.ExportSubjectPublicKeyInfoPem();
        foreach (var secret in new[] { Encoding.UTF8.GetBytes(pem), Encoding.UTF8.GetBytes(pem + "\n"), key.ExportSubjectPublicKeyInfo() })
        {
            Assert.Equal("Invalid token: the algorithm is not allowed", await RefusalAsync(SignedTokens.Of("HS256", secret), algorithm, pem));
            // Signed as HS256, and said to be what is allowed.
            var header = $$"""{"alg":"{{algorithm}}"}""";
            Assert.Equal("Invalid token: signature verification failed", await RefusalAsync(SignedTokens.OfText(header, Claims(), "HS256", secret), algorithm, pem));
        }
    }

    [Fact]
    public async Task A_secret_verifies_no_token_of_another_kind()
    {
        using var key = RSA.Create(2048);
        Assert.Equal("Invalid token: the algorithm is not allowed", await RefusalAsync(SignedTokens.Of("RS256", key)));
        Assert.Equal("Invalid token: the algorithm is not allowed", await RefusalAsync(SignedTokens.Of("HS384", Secret)));
        Assert.Equal("Invalid token: signature verification failed", await RefusalAsync(SignedTokens.OfText("""{"alg":"HS256"}""", Claims(), "RS256", key)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("hs256")]
    [InlineData("")]
    public async Task A_token_without_an_allowed_algorithm_is_refused(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}"}""";
        Assert.Equal("Invalid token: the algorithm is not allowed", await RefusalAsync(SignedTokens.OfText(header, Claims(), "HS256", Secret)));
        var unsigned = $"{SignedTokens.Encode(Encoding.UTF8.GetBytes(header))}.{SignedTokens.Encode(Encoding.UTF8.GetBytes(Claims()))}.";
        Assert.Equal("Invalid token: the algorithm is not allowed", await RefusalAsync(unsigned));
    }

    [Fact]
    public async Task Nothing_names_an_algorithm_in_a_header_without_one() =>
        Assert.Equal("Invalid token: the algorithm is not allowed", await RefusalAsync(SignedTokens.OfText("{}", Claims(), "HS256", Secret)));

    [Fact]
    public async Task An_extension_that_must_be_known_and_is_not_refuses_the_token() =>
        Assert.Equal(
            "Invalid token: it needs an extension that is not known",
            await RefusalAsync(SignedTokens.OfText("""{"alg":"HS256","crit":["exp"],"exp":1}""", Claims(), "HS256", Secret)));

    [Theory]
    [InlineData("""{"alg":"HS256","jku":"http://127.0.0.1:1/keys"}""")]
    [InlineData("""{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}""")]
    [InlineData("""{"alg":"HS256","kid":"another"}""")]
    public async Task A_key_that_the_token_itself_names_counts_for_nothing(string header)
    {
        Assert.Equal("user-1", await UserAsync(SignedTokens.OfText(header, Claims(), "HS256", Secret)));
        Assert.Equal("Invalid token: signature verification failed", await RefusalAsync(SignedTokens.OfText(header, Claims(), "HS256", new byte[3])));
    }

    [Fact]
    public async Task A_token_expires_at_its_second()
    {
        Assert.Equal("Token has expired", await RefusalAsync(Of(new { sub = "u", aud = "authenticated", exp = Now })));
        Assert.Equal("u", await UserAsync(Of(new { sub = "u", aud = "authenticated", exp = Now + 1 })));
        Assert.Equal("Token has expired", await RefusalAsync(Of(new { sub = "u", aud = "authenticated", exp = 0 })));
    }

    [Fact]
    public async Task A_token_begins_at_its_second()
    {
        Assert.Equal("Invalid token: it is not yet valid", await RefusalAsync(Of(new { sub = "u", aud = "authenticated", nbf = Now + 1 })));
        Assert.Equal("u", await UserAsync(Of(new { sub = "u", aud = "authenticated", nbf = Now })));
    }

    [Theory]
    [InlineData("\"soon\"")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("1e300")]
    public async Task A_time_that_is_none_refuses_the_token(string time)
    {
        foreach (var claim in new[] { "exp", "nbf" })
        {
            var claims = $$"""{"sub":"u","aud":"authenticated","{{claim}}":{{time}}}""";
            Assert.Equal("Invalid token: it cannot be read", await RefusalAsync(SignedTokens.OfText("""{"alg":"HS256"}""", claims, "HS256", Secret)));
        }
    }

    [Theory]
    [InlineData("\"authenticated\"", true)]
    [InlineData("""["x","authenticated"]""", true)]
    [InlineData("\"anybody\"", false)]
    [InlineData("\"Authenticated\"", false)]
    [InlineData("\"authenticated/\"", false)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    [InlineData("\"\"", false)]
    public async Task The_audience_must_be_the_contracts(string audience, bool valid)
    {
        var token = SignedTokens.OfText("""{"alg":"HS256"}""", $$"""{"sub":"u","aud":{{audience}}}""", "HS256", Secret);
        Assert.Equal(valid ? "" : "Invalid token: audience doesn't match", (await ReadAsync(token)).Message);
    }

    [Fact]
    public async Task A_token_without_an_audience_is_refused() => Assert.Equal("Invalid token: audience doesn't match", await RefusalAsync(Of(new { sub = "u" })));

    [Theory]
    [InlineData("https://auth.example", true)]
    [InlineData("https://auth.example/", false)]
    [InlineData("https://other.example", false)]
    [InlineData(null, false)]
    public async Task The_issuer_must_be_the_one_of_the_settings_when_they_name_one(string? issuer, bool valid)
    {
        var token = Of(new { sub = "u", aud = "authenticated", iss = issuer });
        Assert.Equal(valid ? "" : "Invalid token: issuer doesn't match", (await ReadAsync(token, change: options => options.JwtIssuer = "https://auth.example")).Message);
        Assert.Equal("u", await UserAsync(token));
    }

    [Theory]
    [InlineData("{\"aud\":\"authenticated\"}")]
    [InlineData("{\"aud\":\"authenticated\",\"sub\":\"\"}")]
    [InlineData("{\"aud\":\"authenticated\",\"sub\":null}")]
    public async Task A_token_without_a_subject_names_nobody(string claims)
    {
        var result = await ReadAsync(SignedTokens.OfText("""{"alg":"HS256"}""", claims, "HS256", Secret));
        Assert.Equal((TokenFailure.NoSubject, "User ID not found in token", null), (result.Failure, result.Message, result.Caller));
    }

    [Theory]
    [InlineData("\"admin\"", "admin", true)]
    [InlineData("\"Admin\"", "Admin", false)]
    [InlineData("[\"admin\"]", null, false)]
    [InlineData("{\"admin\":true}", null, false)]
    [InlineData("true", null, false)]
    [InlineData("null", null, false)]
    public async Task A_role_is_a_text(string role, string? read, bool admin)
    {
        var result = await ReadAsync(SignedTokens.OfText("""{"alg":"HS256"}""", $$"""{"sub":"u","aud":"authenticated","role":{{role}}}""", "HS256", Secret));
        Assert.Equal((read, admin), (result.Caller!.Role, result.Caller.IsAdmin));
    }

    [Theory]
    [InlineData("", TokenFailure.Missing, "Authorization header is missing")]
    [InlineData(null, TokenFailure.Missing, "Authorization header is missing")]
    [InlineData("garbage", TokenFailure.Invalid, "Invalid token: not enough segments")]
    [InlineData("a.b", TokenFailure.Invalid, "Invalid token: not enough segments")]
    [InlineData("a.b.c.d.e", TokenFailure.Invalid, "Invalid token: not enough segments")]
    [InlineData("a.b.c", TokenFailure.Invalid, "Invalid token: it cannot be read")]
    [InlineData("..", TokenFailure.Invalid, "Invalid token: it cannot be read")]
    [InlineData("W10.W10.W10", TokenFailure.Invalid, "Invalid token: it cannot be read")]
    public async Task What_is_no_token_is_told_apart(string? token, TokenFailure failure, string message)
    {
        var result = await ReadAsync(token);
        Assert.Equal((failure, message, null), (result.Failure, result.Message, result.Caller));
    }

    [Fact]
    public async Task A_token_is_at_most_16_KiB()
    {
        Assert.Equal("u", await UserAsync(Of(new { sub = "u", aud = "authenticated", more = new string('m', 11_000) })));
        Assert.Equal("Invalid token: it is too long", await RefusalAsync(Of(new { sub = "u", aud = "authenticated", more = new string('m', 17_000) })));
    }

    [Fact]
    public async Task No_changed_token_is_accepted_and_none_fails_otherwise()
    {
        var random = new Random(20_26);
        var whole = SignedTokens.Of("HS256", Secret);
        var tokens = Tokens("HS256", Secret);
        for (var i = 0; i < 3_000; i++)
        {
            var changed = whole.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--) changed[random.Next(changed.Length)] = "ABCxyz019-_.=+/ \0é{\""[random.Next(19)];
            var text = new string(changed);
            var result = await tokens.ReadAsync(text, TestContext.Current.CancellationToken);
            // The last letter of a signature has bits that stand for nothing.
            if (text[..^1] != whole[..^1]) Assert.True(result.Caller is null, text);
        }
    }

    [Fact]
    public async Task With_auth_off_every_token_names_the_default_user()
    {
        var result = await ReadAsync("garbage", change: options => options.EnableAuth = false);
        Assert.Equal((GatewayOptions.DefaultUserId, true), (result.Caller!.UserId, result.Caller.IsAdmin));
    }

    internal static AsymmetricAlgorithm Key(string algorithm) => algorithm switch
    {
        "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        "ES512" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        _ => RSA.Create(2048),
    };

    private static string Claims() => """{"sub":"user-1","aud":"authenticated"}""";

    private static string Of(object claims) => SignedTokens.Of("HS256", Secret, claims);

    private static AccessTokens Tokens(string algorithm, string key, Action<GatewayOptions>? change = null)
    {
        var options = new GatewayOptions { JwtSignAlgorithm = algorithm, JwtVerifyKey = key };
        change?.Invoke(options);
        return new AccessTokens(Options.Create(options), Clock, NullLogger<AccessTokens>.Instance);
    }

    private static async Task<TokenResult> ReadAsync(string? token, string algorithm = "HS256", string key = Secret, Action<GatewayOptions>? change = null)
    {
        using var tokens = Tokens(algorithm, key, change);
        return await tokens.ReadAsync(token, TestContext.Current.CancellationToken);
    }

    private static async Task<string?> UserAsync(string token, string algorithm = "HS256", string key = Secret)
    {
        var result = await ReadAsync(token, algorithm, key);
        Assert.Equal("", result.Message);
        return result.Caller?.UserId;
    }

    private static async Task<string> RefusalAsync(string token, string algorithm = "HS256", string key = Secret)
    {
        var result = await ReadAsync(token, algorithm, key);
        Assert.Null(result.Caller);
        Assert.Equal(TokenFailure.Invalid, result.Failure);
        return result.Message;
    }
}
