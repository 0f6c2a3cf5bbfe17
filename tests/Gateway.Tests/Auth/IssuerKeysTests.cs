using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Grainflow.Gateway.Tests.Auth;

/// <summary>Tokens that are checked with the key set of their issuer.</summary>
public sealed class IssuerKeysTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LogLines _lines = new();
    private readonly RSA _first = RSA.Create(2048);
    private readonly ECDsa _second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private KeySetServer _issuer = null!;
    private AccessTokens _tokens = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await KeySetServer.StartAsync();
        _issuer.Publish("first", _first);
        _tokens = Tokens();
    }

    [Fact]
    public async Task The_keys_are_read_once_for_many_tokens()
    {
        Assert.Equal(0, _issuer.Reads);
        var tokens = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => ReadAsync(SignedTokens.Of("RS256", _first, kid: "first")))));
        Assert.All(tokens, result => Assert.Equal("user-1", result.Caller?.UserId));
        Assert.Equal(1, _issuer.Reads);
    }

    [Fact]
    public async Task A_key_that_is_new_verifies_its_first_token()
    {
        Assert.Equal("user-1", (await ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"))).Caller?.UserId);
        _issuer.Publish("second", _second);
        _clock.Advance(IssuerKeys.Pause);
        Assert.Equal("user-1", (await ReadAsync(SignedTokens.Of("ES256", _second, kid: "second"))).Caller?.UserId);
        Assert.Equal("user-1", (await ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"))).Caller?.UserId);
        Assert.Equal(2, _issuer.Reads);
    }

    [Fact]
    public async Task A_key_that_is_withdrawn_is_refused_once_the_set_is_old()
    {
        var token = SignedTokens.Of("RS256", _first, kid: "first");
        await ReadAsync(token);
        _issuer.Withdraw("first");
        _issuer.Publish("second", _second);
        _clock.Advance(IssuerKeys.MaxAge - TimeSpan.FromSeconds(1));
        Assert.NotNull((await ReadAsync(token)).Caller);
        _clock.Advance(TimeSpan.FromSeconds(1));
        // This one still has the old keys, and has them read anew; a token of a new key waits for that.
        await ReadAsync(token);
        Assert.NotNull((await ReadAsync(SignedTokens.Of("ES256", _second, kid: "second"))).Caller);
        Assert.Equal("Invalid token: signature verification failed", (await ReadAsync(token)).Message);
    }

    [Fact]
    public async Task Invented_key_names_do_not_make_the_server_call_the_issuer_each_time()
    {
        using var stranger = RSA.Create(2048);
        for (var i = 0; i < 20; i++) Assert.Equal("Invalid token: signature verification failed", (await ReadAsync(SignedTokens.Of("RS256", stranger, kid: $"invented {i}"))).Message);
        Assert.Equal(1, _issuer.Reads);
        _clock.Advance(IssuerKeys.Pause);
        for (var i = 0; i < 20; i++) await ReadAsync(SignedTokens.Of("RS256", stranger, kid: $"invented {i}"));
        Assert.Equal(2, _issuer.Reads);
    }

    [Fact]
    public async Task A_known_key_name_with_a_wrong_signature_calls_nobody()
    {
        using var stranger = RSA.Create(2048);
        await ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"));
        _clock.Advance(IssuerKeys.Pause);
        Assert.Equal("Invalid token: signature verification failed", (await ReadAsync(SignedTokens.Of("RS256", stranger, kid: "first"))).Message);
        Assert.Equal(1, _issuer.Reads);
    }

    [Fact]
    public async Task A_token_that_names_no_key_is_tried_with_all()
    {
        _issuer.Publish("second", _second);
        Assert.NotNull((await ReadAsync(SignedTokens.Of("ES256", _second))).Caller);
        Assert.NotNull((await ReadAsync(SignedTokens.Of("RS256", _first))).Caller);
    }

    [Fact]
    public async Task A_key_without_a_name_may_have_signed_any_token()
    {
        _issuer.Publish("", _second);
        Assert.NotNull((await ReadAsync(SignedTokens.Of("ES256", _second, kid: "second"))).Caller);
    }

    [Fact]
    public async Task A_shared_secret_in_the_set_verifies_nothing()
    {
        const string Shared = "a secret of thirty-two bytes or more";
        _issuer.Publish("shared", new JsonObject { ["kty"] = "oct", ["use"] = "sig", ["alg"] = "HS256", ["k"] = SignedTokens.Encode(Encoding.UTF8.GetBytes(Shared)) });
        using var tokens = Tokens(options => (options.JwtSignAlgorithm, options.JwtVerifyKey) = ("HS256, RS256", "another secret of thirty-two bytes or more"));
        Assert.Equal("Invalid token: signature verification failed", (await tokens.ReadAsync(SignedTokens.Of("HS256", Shared, kid: "shared"), TestContext.Current.CancellationToken)).Message);
        Assert.Equal("Invalid token: signature verification failed", (await tokens.ReadAsync(SignedTokens.OfText("""{"alg":"RS256","kid":"shared"}""", """{"sub":"u"}""", "HS256", Shared), TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public async Task A_secret_and_a_key_set_serve_side_by_side()
    {
        const string Secret = "a secret of thirty-two bytes or more";
        using var tokens = Tokens(options => (options.JwtSignAlgorithm, options.JwtVerifyKey) = ("HS256, RS256", Secret));
        Assert.NotNull((await tokens.ReadAsync(SignedTokens.Of("HS256", Secret), TestContext.Current.CancellationToken)).Caller);
        Assert.Equal(0, _issuer.Reads);
        Assert.NotNull((await tokens.ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"), TestContext.Current.CancellationToken)).Caller);
        Assert.Equal("Invalid token: signature verification failed", (await tokens.ReadAsync(SignedTokens.Of("HS256", _first.ExportSubjectPublicKeyInfo()), TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public async Task A_key_for_encryption_verifies_nothing()
    {
        using var key = RSA.Create(2048);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        _issuer.Publish("enc", new JsonObject { ["kty"] = "RSA", ["use"] = "enc", ["n"] = SignedTokens.Encode(parameters.Modulus), ["e"] = SignedTokens.Encode(parameters.Exponent) });
        Assert.Equal("Invalid token: signature verification failed", (await ReadAsync(SignedTokens.Of("RS256", key, kid: "enc"))).Message);
    }

    public static TheoryData<string> Failures => ["status", "redirect", "text", "shape", "array", "large", "closed"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Without_keys_nothing_can_be_said_of_a_token_and_the_log_says_why(string failure)
    {
        Fail(failure);
        var result = await ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"));
        Assert.Equal((TokenFailure.Unverifiable, "The token cannot be checked now: the keys of its issuer cannot be read. Try again later."), (result.Failure, result.Message));
        Assert.Equal(1, Times("JWT_JWKS_URL"));

        await ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"));
        Assert.Equal(1, Times("JWT_JWKS_URL"));

        _issuer.Answer = null;
        _clock.Advance(IssuerKeys.Pause);
        Assert.NotNull((await ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"))).Caller);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Keys_that_were_read_serve_on_while_their_issuer_fails(string failure)
    {
        var token = SignedTokens.Of("RS256", _first, kid: "first");
        await ReadAsync(token);
        Fail(failure);
        _clock.Advance(IssuerKeys.MaxAge);
        Assert.NotNull((await ReadAsync(token)).Caller);
        // Waits for the reading that the one before began.
        Assert.Equal("Invalid token: signature verification failed", (await ReadAsync(SignedTokens.Of("ES256", _second, kid: "second"))).Message);
        Assert.NotNull((await ReadAsync(token)).Caller);
        Assert.Equal(1, Times("JWT_JWKS_URL"));
    }

    [Fact]
    public async Task A_set_without_a_key_for_signatures_verifies_nothing_and_the_log_says_so()
    {
        _issuer.Withdraw("first");
        Assert.Equal("Invalid token: signature verification failed", (await ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"))).Message);
        Assert.Equal(1, Times("has no RSA or EC key"));
    }

    [Fact]
    public async Task What_the_address_hides_is_not_in_the_log()
    {
        Fail("status");
        using var tokens = Tokens(options => options.JwtJwksUrl = new Uri($"http://someone:hidden@127.0.0.1:{_issuer.Address.Port}/keys?apikey=hidden"));
        await tokens.ReadAsync(SignedTokens.Of("RS256", _first, kid: "first"), TestContext.Current.CancellationToken);
        Assert.Equal(1, Times($"http://127.0.0.1:{_issuer.Address.Port}/keys)"));
        Assert.DoesNotContain("hidden", _lines.ToString(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _tokens.Dispose();
        _first.Dispose();
        _second.Dispose();
        await _issuer.DisposeAsync();
        _lines.Dispose();
    }

    private void Fail(string how) => _issuer.Answer = context => FailAsync(how, context);

    private Task FailAsync(string how, HttpContext context)
    {
        switch (how)
        {
            case "status":
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return context.Response.WriteAsync(_issuer.Text);
            case "redirect" when context.Request.Path == "/other":
                return context.Response.WriteAsync(_issuer.Text);
            case "redirect":
                context.Response.Redirect("/other");
                return Task.CompletedTask;
            case "text":
                return context.Response.WriteAsync("<html>");
            case "shape":
                return context.Response.WriteAsync("""{"keys":{"kid":1}}""");
            case "array":
                return context.Response.WriteAsync("""[1,"a"]""");
            case "large":
                return context.Response.WriteAsync(_issuer.Text + new string(' ', 2 * 1024 * 1024));
            default:
                context.Abort();
                return Task.CompletedTask;
        }
    }

    private int Times(string text) => _lines.ToString().Split(text).Length - 1;

    private AccessTokens Tokens(Action<GatewayOptions>? change = null)
    {
        var options = new GatewayOptions { JwtSignAlgorithm = "RS256,ES256", JwtJwksUrl = _issuer.Address };
        change?.Invoke(options);
        return new AccessTokens(Options.Create(options), _clock, new Logger<AccessTokens>(LoggerFactory.Create(logging => logging.AddProvider(_lines))));
    }

    private async Task<TokenResult> ReadAsync(string token) => await _tokens.ReadAsync(token, TestContext.Current.CancellationToken);
}
