using System.Web;
using Grainflow.Blocks.Http;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Tests.Credentials;

/// <summary>The client of OAuth against each provider of the contract (semantics 4.6), played on loopback.</summary>
public sealed class OAuthClientTests
{
    private const string Verifier = "a-verifier-of-PKCE-that-would-be-128-characters-long";

    private static readonly Uri Redirect = new("https://platform.example.com/auth/integrations/oauth_callback");

    private readonly ManualClock _clock = new();

    public static TheoryData<string> Providers => ["github", "google", "discord", "twitter", "reddit", "todoist", "notion"];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_login_at_each_provider_ends_with_tokens_and_the_name_of_the_user(string provider)
    {
        await using var server = await ScriptedOAuth.StartAsync(provider);
        using var client = Client(server);
        var login = Login(provider);

        var (code, state) = server.Grant(client.LoginUrl(login));
        var tokens = await client.ExchangeAsync(login, code, default);

        Assert.Equal("a-state", state);
        Assert.Contains(tokens.AccessToken, server.Valid);
        Assert.Equal(provider is "google" or "todoist" or "notion" ? "ada@example.com" : "ada", tokens.Username);
        Assert.Equal(provider is "google" or "discord" or "twitter" or "reddit" ? _clock.GetUtcNow().ToUnixTimeSeconds() + 3600 : null, tokens.AccessTokenExpiresAt);
    }

    [Theory]
    [InlineData("github", "", "")]
    [InlineData("github", "repo,gist", "repo gist")]
    [InlineData("google", "https://www.googleapis.com/auth/drive", "https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile openid https://www.googleapis.com/auth/drive")]
    [InlineData("discord", "", "identify")]
    [InlineData("discord", "guilds", "guilds")]
    [InlineData("reddit", "", "identity read submit edit history privatemessages flair")]
    [InlineData("todoist", "task:add", "task:add,data:read,data:read_write,data:delete,project:delete")]
    [InlineData("notion", "", "")]
    public void A_login_asks_for_the_scopes_of_the_contract(string provider, string asked, string sent)
    {
        using var client = Client(provider, new Uri("http://localhost"));
        var query = HttpUtility.ParseQueryString(client.LoginUrl(Login(provider, asked.Split(',', StringSplitOptions.RemoveEmptyEntries))).Query);
        Assert.Equal(sent, query["scope"] ?? "");
        Assert.Equal(Redirect.OriginalString, query["redirect_uri"]);
    }

    [Fact]
    public void A_login_at_Twitter_asks_for_its_18_scopes_whatever_the_user_asks_for()
    {
        using var client = Client("twitter", new Uri("http://localhost"));
        var scopes = HttpUtility.ParseQueryString(client.LoginUrl(Login("twitter", "tweet.read", "dm.read")).Query)["scope"]!.Split(' ');
        Assert.Equal(18, scopes.Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain("dm.read", scopes);
    }

    [Theory]
    [InlineData("github", false)]
    [InlineData("google", false)]
    [InlineData("discord", true)]
    [InlineData("twitter", true)]
    [InlineData("reddit", false)]
    [InlineData("todoist", false)]
    [InlineData("notion", false)]
    public void The_challenge_of_PKCE_is_sent_where_the_contract_has_it_and_never_its_verifier(string provider, bool sent)
    {
        using var client = Client(provider, new Uri("http://localhost"));
        var address = client.LoginUrl(Login(provider));
        var query = HttpUtility.ParseQueryString(address.Query);
        Assert.Equal(sent ? "S256" : null, query["code_challenge_method"]);
        // RFC 7636, section 4.2: 43 characters without padding.
        Assert.Equal(sent ? 43 : null, query["code_challenge"]?.Length);
        Assert.DoesNotContain(Verifier, address.Query, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_have_the_parameters_of_their_providers()
    {
        using var google = Client("google", new Uri("http://localhost"));
        var query = HttpUtility.ParseQueryString(google.LoginUrl(Login("google")).Query);
        Assert.Equal(("offline", "consent", "true"), (query["access_type"], query["prompt"], query["include_granted_scopes"]));
        using var reddit = Client("reddit", new Uri("http://localhost"));
        Assert.Equal("permanent", HttpUtility.ParseQueryString(reddit.LoginUrl(Login("reddit")).Query)["duration"]);
        using var notion = Client("notion", new Uri("http://localhost"));
        Assert.Equal("user", HttpUtility.ParseQueryString(notion.LoginUrl(Login("notion")).Query)["owner"]);
    }

    [Fact]
    public async Task A_login_at_Google_without_a_refresh_token_is_refused_with_the_cure()
    {
        await using var server = await ScriptedOAuth.StartAsync("google");
        server.Answer["refresh_token"] = null;
        using var client = Client(server);
        var login = Login("google");

        var refusal = await Assert.ThrowsAsync<OAuthException>(() => client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default));

        Assert.Equal("google granted no refresh token, which is needed; remove the access of this application at google and log in again.", refusal.Message);
        Assert.False(refusal.IsPassing);
    }

    [Fact]
    public async Task Notion_tells_the_workspace()
    {
        await using var server = await ScriptedOAuth.StartAsync("notion");
        using var client = Client(server);
        var login = Login("notion");

        var tokens = await client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default);

        Assert.Contains("\"workspace_name\":\"Engines\"", tokens.Metadata, StringComparison.Ordinal);
        Assert.DoesNotContain(tokens.AccessToken, tokens.Metadata, StringComparison.Ordinal);
        Assert.False(client.CanRefresh("notion", tokens));
    }

    [Fact]
    public async Task A_user_whose_name_is_not_told_is_logged_in_without_it_because_the_code_works_once()
    {
        await using var server = await ScriptedOAuth.StartAsync("github");
        server.Fault = call => call.Path == "/user" ? 500 : null;
        using var client = Client(server);
        var login = Login("github");

        var tokens = await client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default);

        Assert.Null(tokens.Username);
        Assert.Contains(tokens.AccessToken, server.Valid);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_code_that_is_used_twice_or_with_another_redirect_is_refused_without_a_secret_in_the_message(string provider)
    {
        await using var server = await ScriptedOAuth.StartAsync(provider);
        using var client = Client(server);
        var login = Login(provider);
        var (code, _) = server.Grant(client.LoginUrl(login));
        await client.ExchangeAsync(login, code, default);

        var again = await Assert.ThrowsAsync<OAuthException>(() => client.ExchangeAsync(login, code, default));
        var elsewhere = await Assert.ThrowsAsync<OAuthException>(
            () => client.ExchangeAsync(login with { RedirectUri = new("https://platform.example.com/") }, server.Grant(client.LoginUrl(login)).Code, default));

        foreach (var refusal in new[] { again, elsewhere })
        {
            Assert.False(refusal.IsPassing);
            Assert.Contains("invalid_grant", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(ScriptedOAuth.ClientSecret, refusal.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("discord")]
    [InlineData("twitter")]
    public async Task A_login_with_another_verifier_is_refused(string provider)
    {
        await using var server = await ScriptedOAuth.StartAsync(provider);
        using var client = Client(server);
        var login = Login(provider);
        var (code, _) = server.Grant(client.LoginUrl(login));
        await Assert.ThrowsAsync<OAuthException>(() => client.ExchangeAsync(login with { CodeVerifier = "another" }, code, default));
    }

    [Theory]
    [InlineData("google")]
    [InlineData("discord")]
    [InlineData("twitter")]
    [InlineData("reddit")]
    public async Task Refreshed_tokens_keep_name_and_scopes_and_the_refresh_token_where_none_is_answered(string provider)
    {
        await using var server = await ScriptedOAuth.StartAsync(provider);
        using var client = Client(server);
        var login = Login(provider);
        var tokens = await client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default);
        _clock.Advance(TimeSpan.FromHours(2));

        var fresh = await client.RefreshAsync(provider, tokens, default);

        Assert.NotEqual(tokens.AccessToken, fresh.AccessToken);
        Assert.Equal(_clock.GetUtcNow().ToUnixTimeSeconds() + 3600, fresh.AccessTokenExpiresAt);
        Assert.Equal(provider is "google" or "reddit", fresh.RefreshToken == tokens.RefreshToken);
        Assert.Equal(tokens.Username, fresh.Username);
        Assert.Empty(tokens.Scopes.Except(fresh.Scopes, StringComparer.Ordinal));
        Assert.NotEqual(fresh.AccessToken, (await client.RefreshAsync(provider, fresh, default)).AccessToken);
    }

    [Fact]
    public async Task Tokens_of_GitHub_are_refreshed_only_where_they_expire()
    {
        await using var server = await ScriptedOAuth.StartAsync("github");
        using var client = Client(server);
        var login = Login("github", "repo");
        var lasting = await client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default);
        Assert.False(client.CanRefresh("github", lasting));
        await Assert.ThrowsAsync<OAuthException>(() => client.RefreshAsync("github", lasting, default));

        server.ExpiringTokens = true;
        var expiring = await client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default);

        Assert.True(client.CanRefresh("github", expiring));
        Assert.Contains("repo", (await client.RefreshAsync("github", expiring, default)).Scopes);
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(429, true)]
    [InlineData(400, false)]
    [InlineData(401, false)]
    public async Task A_refusal_says_whether_it_may_pass(int status, bool isPassing)
    {
        await using var server = await ScriptedOAuth.StartAsync("google");
        server.Fault = _ => status;
        using var client = Client(server);

        var refusal = await Assert.ThrowsAsync<OAuthException>(() => client.RefreshAsync("google", new() { AccessToken = "a", RefreshToken = "r" }, default));

        Assert.Equal(isPassing, refusal.IsPassing);
        Assert.Equal($"google did not give tokens: status {status}, server_error.", refusal.Message);
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_may_be_later()
    {
        using var client = Client("google", new Uri($"http://127.0.0.1:{FreePorts.Pair()}"));
        var refusal = await Assert.ThrowsAsync<OAuthException>(() => client.RefreshAsync("google", new() { AccessToken = "a", RefreshToken = "r" }, default));
        Assert.True(refusal.IsPassing);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Tokens_are_revoked_where_the_provider_can(string provider)
    {
        await using var server = await ScriptedOAuth.StartAsync(provider);
        using var client = Client(server);
        var login = Login(provider);
        var tokens = await client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default);

        var revoked = await client.RevokeAsync(provider, tokens, default);
        var again = await client.RevokeAsync(provider, tokens, default);

        Assert.Equal(provider is not ("todoist" or "notion"), revoked);
        Assert.Equal(revoked, again);
        if (tokens.RefreshToken is null && revoked) Assert.DoesNotContain(tokens.AccessToken, server.Valid);
    }

    [Fact]
    public void A_provider_without_client_or_without_OAuth_says_so()
    {
        using var client = Client("github", new Uri("http://localhost"));
        Assert.Equal((OAuthSupport.Configured, OAuthSupport.NotConfigured, OAuthSupport.Unknown), (client.Support("github"), client.Support("google"), client.Support("openai")));
        Assert.Equal("OAuth of google is not configured here: GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.", Assert.Throws<OAuthException>(() => client.LoginUrl(Login("google"))).Message);
    }

    [Theory]
    [InlineData("expires_in", "\"3600\"", 3600)]
    [InlineData("expires_in", "0", null)]
    [InlineData("expires_in", "-1", null)]
    [InlineData("expires_in", "\"soon\"", null)]
    public async Task Expiries_are_read_as_providers_write_them(string member, string value, int? seconds)
    {
        await using var server = await ScriptedOAuth.StartAsync("google");
        server.Answer[member] = System.Text.Json.Nodes.JsonNode.Parse(value);
        using var client = Client(server);
        var login = Login("google");
        var tokens = await client.ExchangeAsync(login, server.Grant(client.LoginUrl(login)).Code, default);
        Assert.Equal(seconds is { } known ? _clock.GetUtcNow().ToUnixTimeSeconds() + known : null, tokens.AccessTokenExpiresAt);
    }

    [Fact]
    public void Nothing_that_is_printed_has_a_secret()
    {
        var tokens = new OAuthTokens { AccessToken = "access-secret", RefreshToken = "refresh-secret", Username = "ada" };
        Assert.DoesNotContain("secret", tokens.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Verifier, Login("github").ToString(), StringComparison.Ordinal);
    }

    private static OAuthLogin Login(string provider, params string[] scopes) => new(provider, [.. scopes], "a-state", Verifier, Redirect);

    private OAuthClient Client(ScriptedOAuth server) => Client(server.Provider, server.Address);

    private OAuthClient Client(string provider, Uri address)
    {
        var options = new OAuthOptions();
        options.Clients[provider] = new OAuthClientKey { Id = ScriptedOAuth.ClientId, Secret = ScriptedOAuth.ClientSecret };
        options.Bases[provider] = address;
        return new OAuthClient(Options.Create(options), new RegisteredOAuthClient(new OutgoingHttp(new OutgoingHttpOptions()), _clock), _clock, NullLogger<OAuthClient>.Instance);
    }
}
