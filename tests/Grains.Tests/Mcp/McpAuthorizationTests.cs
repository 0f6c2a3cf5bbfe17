using System.Text.Json.Nodes;
using System.Web;
using Grainflow.Blocks.Http;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Interfaces.Mcp;
using Grainflow.Grains.Mcp;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Mcp;

/// <summary>How the authorization server of an MCP server is found, registers a client and grants tokens (MCP 2025-06-18, "Authorization"; RFC 7591, 8414, 8707 and 9728).</summary>
public sealed class McpAuthorizationTests : IAsyncLifetime
{
    private static readonly Uri Redirect = new("https://platform.example.com/auth/integrations/mcp_callback");

    private readonly ManualClock _clock = new();
    private ScriptedAuthorization _server = null!;
    private OutgoingHttp _http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private McpAuthorizations Authorizations => new(_http);

    private RegisteredOAuthClient Client => new(_http, _clock);

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedAuthorization.StartAsync();
        _http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [new Uri(_server.Issuer).Authority] });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_login_asks_for_the_scopes_and_the_resource_of_the_server_with_a_challenge_of_PKCE()
    {
        var (_, login, url) = await BeginAsync();

        var query = HttpUtility.ParseQueryString(url.Query);
        Assert.Equal(("code", Redirect.OriginalString, login.State, "S256", "tools:read tools:call", _server.Server.AbsoluteUri), (query["response_type"], query["redirect_uri"], query["state"], query["code_challenge_method"], query["scope"], query["resource"]));
        Assert.DoesNotContain(login.CodeVerifier, url.Query, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", url.Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("client_secret_post")]
    [InlineData("client_secret_basic")]
    public async Task A_client_proves_who_it_is_as_the_server_supports_it_when_tokens_are_granted_refreshed_and_revoked(string method)
    {
        _server.Metadata["token_endpoint_auth_methods_supported"] = new JsonArray(method);
        var (registration, login, url) = await BeginAsync();
        Assert.Equal((method, method == "none"), (registration.Method, registration.ClientSecret is null));

        var tokens = await Client.ExchangeAsync(registration, login, _server.Grant(url).Code, Token);
        Assert.Equal((_clock.GetUtcNow().ToUnixTimeSeconds() + 3600, "tools:read tools:call"), (tokens.AccessTokenExpiresAt, string.Join(' ', tokens.Scopes)));
        Assert.Contains(tokens.AccessToken, _server.Valid);

        var fresh = await Client.RefreshAsync(tokens, Token);
        Assert.NotEqual((tokens.AccessToken, tokens.RefreshToken), (fresh.AccessToken, fresh.RefreshToken));
        Assert.Equal(registration, fresh.Registration);
        Assert.True(await Client.RevokeAsync(fresh, Token));
        Assert.Empty(_server.Valid);
    }

    [Fact]
    public async Task The_server_decides_how_a_client_proves_who_it_is()
    {
        _server.Method = "client_secret_basic";
        var (registration, login, url) = await BeginAsync();
        Assert.Equal("client_secret_basic", registration.Method);
        Assert.Contains((await Client.ExchangeAsync(registration, login, _server.Grant(url).Code, Token)).AccessToken, _server.Valid);
    }

    [Fact]
    public async Task Where_no_client_is_registered_the_administrator_may_know_one_without_a_secret()
    {
        _server.Metadata.Remove("registration_endpoint");
        _server.Know(McpAuthorizations.UnregisteredId);
        var (registration, login, url) = await BeginAsync();
        Assert.Contains((await Client.ExchangeAsync(registration, login, _server.Grant(url).Code, Token)).AccessToken, _server.Valid);
    }

    [Fact]
    public async Task The_challenge_of_the_server_says_where_its_metadata_is_and_which_scopes_it_wants()
    {
        _server.Documents["/elsewhere"] = _server.Resource.DeepClone();
        _server.Documents.TryRemove("/.well-known/oauth-protected-resource/mcp", out _);
        _server.Challenge = $"Bearer error=\"invalid_token\", resource_metadata=\"{_server.Issuer}/elsewhere\", scope=\"tools:call\"";
        var found = await FindAsync();
        Assert.Equal((_server.Server.AbsoluteUri, "tools:call"), (found!.Resource, string.Join(' ', found.Scopes)));
    }

    [Fact]
    public async Task The_metadata_may_be_at_the_place_of_the_host()
    {
        _server.Documents["/.well-known/oauth-protected-resource"] = new JsonObject { ["resource"] = _server.Issuer, ["authorization_servers"] = new JsonArray(_server.Issuer) };
        _server.Documents.TryRemove("/.well-known/oauth-protected-resource/mcp", out _);
        var found = await FindAsync();
        Assert.Equal((_server.Issuer, "everything"), (found!.Resource, string.Join(' ', found.Scopes)));
    }

    [Fact]
    public async Task A_server_without_metadata_of_its_own_is_its_own_authorization_server()
    {
        _server.Documents.TryRemove("/.well-known/oauth-protected-resource/mcp", out _);
        var found = await FindAsync();
        Assert.Equal((null, "everything", _server.Issuer), (found!.Resource, string.Join(' ', found.Scopes), found.Issuer));
    }

    [Theory]
    [InlineData("/.well-known/oauth-authorization-server/tenant")]
    [InlineData("/.well-known/openid-configuration/tenant")]
    [InlineData("/tenant/.well-known/openid-configuration")]
    public async Task An_authorization_server_below_a_path_is_found_at_each_place_that_it_may_use(string place)
    {
        var issuer = _server.Issuer + "/tenant";
        _server.Resource["authorization_servers"] = new JsonArray("no address", issuer);
        _server.Metadata["issuer"] = issuer;
        _server.Documents[place] = _server.Metadata.DeepClone();
        Assert.Equal(issuer, (await FindAsync())!.Issuer);
    }

    [Theory]
    [InlineData("https://other.example.com/mcp")]
    [InlineData("/mcp/deeper")]
    [InlineData("/mc")]
    public async Task Metadata_of_another_resource_is_passed_over(string resource)
    {
        _server.Resource["resource"] = resource[0] == '/' ? _server.Issuer + resource : resource;
        _server.Resource["authorization_servers"] = new JsonArray("https://evil.example.com");
        // Without it, the server is its own authorization server.
        Assert.Equal((_server.Issuer, null), (await FindAsync() is { } found ? (found.Issuer, found.Resource) : default));
    }

    [Fact]
    public async Task Metadata_of_another_authorization_server_is_passed_over()
    {
        _server.Metadata["issuer"] = "https://other.example.com";
        Assert.Null(await FindAsync());
    }

    [Theory]
    [InlineData("token_endpoint")]
    [InlineData("authorization_endpoint")]
    public async Task A_server_without_the_endpoints_of_a_login_does_not_offer_one(string missing)
    {
        _server.Metadata.Remove(missing);
        Assert.Null(await FindAsync());
    }

    [Theory]
    [InlineData("authorization_endpoint", "javascript:alert(1)")]
    [InlineData("token_endpoint", "ftp://127.0.0.1/token")]
    [InlineData("token_endpoint", "https://user@127.0.0.1/token")]
    public async Task An_endpoint_that_is_no_address_of_the_web_ends_the_login(string name, string address)
    {
        _server.Metadata[name] = address;
        Assert.Contains(name, (await Assert.ThrowsAsync<OAuthException>(FindAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_without_TLS_is_refused_for_a_server_with_TLS() => Assert.Contains(
        "no https address",
        Assert.Throws<OAuthException>(() => McpAuthorization.Read(new Uri("https://mcp.example.com/mcp"), _server.Issuer, Engine.Values.JsonValues.Parse(_server.Metadata.ToJsonString()), null, [])).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_server_that_supports_no_PKCE_ends_the_login()
    {
        _server.Metadata["code_challenge_methods_supported"] = new JsonArray("plain");
        Assert.Contains("PKCE", (await Assert.ThrowsAsync<OAuthException>(FindAsync)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(503, true)]
    public async Task A_refused_registration_says_so_with_its_status(int status, bool isPassing)
    {
        _server.Fault = call => call.Path == "/register" ? status : null;
        var found = (await FindAsync())!;
        var refusal = await Assert.ThrowsAsync<OAuthException>(() => Authorizations.RegisterAsync(found, Redirect, Token));
        Assert.Equal(isPassing, refusal.IsPassing);
        Assert.EndsWith($"status {status}, server_error.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_of_the_token_endpoint_is_not_followed_with_the_secrets()
    {
        var (registration, login, url) = await BeginAsync();
        var code = _server.Grant(url).Code;
        await using var other = await ScriptedAuthorization.StartAsync();
        _server.Redirect = new Uri(other.Issuer + "/token");

        var refusal = await Assert.ThrowsAsync<OAuthException>(() => Client.ExchangeAsync(registration, login, code, Token));

        Assert.EndsWith("status 307.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(other.Calls);
    }

    [Fact]
    public void Messages_and_registrations_describe_themselves_without_their_secrets()
    {
        var registration = new OAuthRegistration { Issuer = "https://auth.example.com", Token = new Uri("https://auth.example.com/token"), ClientId = "client", ClientSecret = "hidden" };
        object[] described =
        [
            registration, new OAuthTokens { AccessToken = "hidden", RefreshToken = "hidden", Registration = registration },
            new McpAccess { ServerUrl = "https://mcp.example.com", Token = "hidden" }, new McpCallback { Code = "hidden", State = "hidden" },
        ];
        Assert.DoesNotContain(described, item => item.ToString()!.Contains("hidden", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_at_a_private_address_is_not_asked()
    {
        using var guarded = new OutgoingHttp(new OutgoingHttpOptions());
        Assert.Contains("127.0.0.1", (await Assert.ThrowsAsync<OAuthException>(() => new McpAuthorizations(guarded).FindAsync(_server.Server, Token))).Message, StringComparison.Ordinal);
        Assert.Empty(_server.Calls);
    }

    private Task<McpAuthorization?> FindAsync() => Authorizations.FindAsync(_server.Server, Token);

    private async Task<(OAuthRegistration Registration, OAuthLogin Login, Uri Url)> BeginAsync()
    {
        var found = (await FindAsync())!;
        var registration = await Authorizations.RegisterAsync(found, Redirect, Token);
        var login = new OAuthLogin("mcp", found.Scopes, OAuthStates.NewToken(), OAuthStates.NewVerifier(), Redirect);
        return (registration, login, found.LoginUrl(registration, login));
    }
}
