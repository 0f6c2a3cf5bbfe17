using Grainflow.Blocks.Contract;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Interfaces.Credentials;

namespace Grainflow.Grains.Tests.Credentials;

/// <summary>Adding, changing and deleting credentials, and logins (contract: semantics 4.3, 4.4, 4.6 and 4.7).</summary>
public sealed class CredentialGrainTests
{
    private static readonly string SystemId = SystemCredentials.Ids["openai"];

    [Fact]
    public async Task An_id_must_be_new_and_no_system_id()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("a", CredentialCluster.ApiKey("s"));

        var again = await cluster.Credential("a").Create(CredentialCluster.ApiKey("t"));
        var system = await cluster.Credential(SystemCredentials.Ids["groq"].ToUpperInvariant()).Create(CredentialCluster.ApiKey("t"));

        Assert.Equal([CredentialVerdict.Exists, CredentialVerdict.Exists], new[] { again, system }.Select(answer => answer.Verdict));
        Assert.Equal("s", await cluster.SecretAsync("a"));
    }

    [Theory]
    [InlineData("api_key", "", null, null, "api_key must not be empty.")]
    [InlineData("oauth2", "", null, null, "access_token must not be empty.")]
    [InlineData("user_password", "p", "", null, "username must have")]
    [InlineData("host_scoped", null, null, "", "host must have")]
    [InlineData("key", "s", null, null, "'key' is not a type of credentials")]
    [InlineData("api_key", "a\0b", null, null, "control character")]
    public async Task Content_that_is_wrong_is_refused_with_the_field(string type, string? secret, string? username, string? host, string message)
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var answer = await cluster.Credential("a").Create(new CredentialContent { Provider = "p", Type = type, Secret = secret, Username = username, Host = host });
        Assert.Equal(CredentialVerdict.Invalid, answer.Verdict);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_cannot_begin_another_one()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var content = new CredentialContent { Provider = "http", Type = CredentialTypes.HostScoped, Host = "h" };
        var value = await cluster.Credential("a").Create(content with { Headers = new() { ["X"] = "hidden\r\nY: z" } });
        var name = await cluster.Credential("a").Create(content with { Headers = new() { ["X: y"] = "z" } });
        Assert.Equal("The value of header 'X' has a control character, or more than 65536 characters.", value.Message);
        Assert.Equal("'X: y' is not a name of a header.", name.Message);
    }

    [Fact]
    public async Task System_credentials_are_listed_after_those_of_the_user_and_deleting_one_changes_nothing()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("a", CredentialCluster.ApiKey("s"));

        var deleted = await cluster.Credential(SystemId).Delete("openai", force: false);
        var mismatch = await cluster.Credential(SystemId).Delete("groq", force: false);
        var list = await cluster.OfUser().List();

        Assert.Equal((CredentialVerdict.Done, null), (deleted.Verdict, deleted.Revoked));
        Assert.Equal(CredentialVerdict.NotFound, mismatch.Verdict);
        Assert.Equal(["a", SystemCredentials.Ids["ollama"], SystemId], list.Select(meta => meta.Id));
        Assert.Equal("Use Credits for openai", list[2].Title);
        Assert.Equal([CredentialCluster.User], await UsersAsync(cluster));
    }

    [Fact]
    public async Task A_change_keeps_type_host_and_scopes()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(60, "a", "b"));

        var less = await cluster.Credential("c").Change(cluster.Tokens(60, "a"));
        var type = await cluster.Credential("c").Change(CredentialCluster.ApiKey("s") with { Provider = "github" });
        var none = await cluster.Credential("none").Change(cluster.Tokens(60));
        var more = await cluster.Credential("c").Change(cluster.Tokens(60, "c", "b", "a") with { Secret = "new" });

        Assert.Equal((CredentialVerdict.Invalid, "Credentials cannot lose scopes; b would be lost."), (less.Verdict, less.Message));
        Assert.Equal((CredentialVerdict.Invalid, "The type of credentials cannot be changed; it is oauth2."), (type.Verdict, type.Message));
        Assert.Equal(CredentialVerdict.NotFound, none.Verdict);
        Assert.Equal(CredentialVerdict.Done, more.Verdict);
        Assert.Equal("new", await cluster.SecretAsync("c"));
    }

    [Fact]
    public async Task Credentials_with_triggered_webhooks_are_deleted_only_after_a_confirmation()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(60));
        cluster.Webhooks.Triggered = 2;

        var asked = await cluster.Credential("c").Delete("github", force: false);
        var forced = await cluster.Credential("c").Delete("github", force: true);

        Assert.Equal((CredentialVerdict.NeedsConfirmation, "Webhooks that were created with these credentials are in use by triggers; they are removed too. Delete the credentials anyway?"), (asked.Verdict, asked.Message));
        Assert.Equal((CredentialVerdict.Done, true), (forced.Verdict, forced.Revoked));
        Assert.Equal(["c"], cluster.Webhooks.Removed);
        Assert.Equal(["access-0"], cluster.OAuth.Revoked);
        Assert.Equal(CredentialVerdict.NotFound, (await cluster.Credential("c").Delete("github", force: true)).Verdict);
    }

    [Theory]
    [InlineData(OAuthSupport.Unknown, CredentialVerdict.NoOAuth)]
    [InlineData(OAuthSupport.NotConfigured, CredentialVerdict.NotConfigured)]
    public async Task Tokens_that_cannot_be_revoked_are_deleted_only_by_force(OAuthSupport support, CredentialVerdict verdict)
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(60));
        cluster.OAuth.Supported = support;

        Assert.Equal(verdict, (await cluster.Credential("c").Delete("github", force: false)).Verdict);
        Assert.NotNull(await cluster.StoredAsync("c"));
        var forced = await cluster.Credential("c").Delete("github", force: true);

        Assert.Equal((CredentialVerdict.Done, false), (forced.Verdict, forced.Revoked));
        Assert.Null(await cluster.StoredAsync("c"));
    }

    [Fact]
    public async Task A_provider_that_fails_to_revoke_does_not_keep_the_credential()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(60));
        cluster.OAuth.Failure = new OAuthException("No.", isPassing: true);

        var deletion = await cluster.Credential("c").Delete("github", force: false);

        Assert.Equal((CredentialVerdict.Done, false), (deletion.Verdict, deletion.Revoked));
        Assert.Null(await cluster.StoredAsync("c"));
    }

    [Fact]
    public async Task A_login_stores_the_tokens_of_the_provider()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        cluster.OAuth.Change = tokens => tokens with { Scopes = ["repo user"] };

        var begun = await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "github", Scopes = ["repo", "user"] });
        var completed = await cluster.OfUser().CompleteLogin(Callback(begun));

        Assert.Equal(43, begun.State!.Length);
        Assert.Contains("state=" + begun.State, begun.Url, StringComparison.Ordinal);
        Assert.Equal((128, new Uri("https://front.example.com/auth/integrations/oauth_callback")), (cluster.OAuth.Exchanged!.CodeVerifier.Length, cluster.OAuth.Exchanged.RedirectUri));
        Assert.Equal(("github", "oauth2", "octocat"), (completed.Credential!.Provider, completed.Credential.Type, completed.Credential.Username));
        Assert.Equal(["repo", "user"], completed.Credential.Scopes);
        Assert.Equal("access-code", await cluster.SecretAsync(completed.Credential.Id));
    }

    [Fact]
    public async Task A_login_can_widen_the_scopes_of_a_credential()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(60, "repo"));

        var begun = await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "github", Scopes = ["user"], CredentialId = "c" });
        var completed = await cluster.OfUser().CompleteLogin(Callback(begun));
        var unknown = await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "github", CredentialId = "none" });

        Assert.Equal("c", completed.Credential!.Id);
        Assert.Equal(["repo", "user"], completed.Credential.Scopes);
        Assert.Equal(CredentialVerdict.NotFound, unknown.Verdict);
    }

    [Fact]
    public async Task A_state_is_accepted_once_by_its_user_for_its_provider_and_for_ten_minutes()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        async Task<LoginAnswer> BeginAsync() => await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "github" });
        var (used, foreign, late) = (await BeginAsync(), await BeginAsync(), await BeginAsync());

        var first = await cluster.OfUser().CompleteLogin(Callback(used));
        var again = await cluster.OfUser().CompleteLogin(Callback(used));
        var other = await cluster.OfUser("other").CompleteLogin(Callback(foreign));
        cluster.Clock.Advance(TimeSpan.FromMinutes(10));
        var expired = await cluster.OfUser().CompleteLogin(Callback(late));
        var invented = await cluster.OfUser().CompleteLogin(new CompleteLogin { Provider = "github", Code = "code", State = "x" });

        Assert.Equal(CredentialVerdict.Done, first.Verdict);
        Assert.All([again, other, expired, invented], answer => Assert.Equal((CredentialVerdict.InvalidState, "Invalid or expired state token"), (answer.Verdict, answer.Message)));
    }

    [Fact]
    public async Task A_state_of_which_ten_callbacks_arrive_at_once_is_accepted_once()
    {
        await using var cluster = await CredentialCluster.StartAsync(silos: 2);
        var begun = await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "github" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => cluster.OfUser().CompleteLogin(Callback(begun))));
        Assert.Single(answers, answer => answer.Verdict == CredentialVerdict.Done);
    }

    [Fact]
    public async Task A_login_that_the_provider_refuses_or_does_not_have_is_answered_so()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var begun = await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "github" });
        cluster.OAuth.Failure = new OAuthException("bad code", isPassing: false);
        var refused = await cluster.OfUser().CompleteLogin(Callback(begun));
        var unknown = await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "openai" });
        cluster.OAuth.Supported = OAuthSupport.NotConfigured;
        var unset = await cluster.OfUser().BeginLogin(new BeginLogin { Provider = "github" });

        Assert.Equal((CredentialVerdict.NotExchanged, "OAuth2 callback failed to exchange code for tokens: bad code"), (refused.Verdict, refused.Message));
        Assert.Equal((CredentialVerdict.NoOAuth, "Provider 'openai' does not support OAuth"), (unknown.Verdict, unknown.Message));
        Assert.Equal((CredentialVerdict.NotConfigured, "Integration with provider 'github' is not configured."), (unset.Verdict, unset.Message));
    }

    private static CompleteLogin Callback(LoginAnswer begun) => new() { Provider = "github", Code = "code", State = begun.State! };

    private static async Task<IReadOnlyList<string>> UsersAsync(CredentialCluster cluster)
    {
        await using var command = cluster.Grains.Database.DataSource.CreateCommand("SELECT DISTINCT user_id FROM credentials");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var users = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) users.Add(reader.GetString(0));
        return users;
    }
}
