using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Gateway.Tests.Integrations;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.External;

/// <summary>The integrations of the external API (contract: semantics 4.6 and 8.5, errors.tsv).</summary>
public sealed class ExternalIntegrationTests(ExternalIntegrationTests.Server server) : IClassFixture<ExternalIntegrationTests.Server>
{
    private readonly ApiClient _user = server.Anybody();

    [Fact]
    public async Task Credentials_are_created_listed_and_deleted_without_their_secrets()
    {
        var created = await PostAsync("/openai/credentials", """{"type": "api_key", "api_key": "hidden-key", "title": "Mine"}""");
        Assert.Equal(201, created.Status);
        Assert.Equal(("openai", "api_key", "Mine"), (created.Json.Text("provider"), created.Json.Text("type"), created.Json.Text("title")));
        var password = await PostAsync("/smtp/credentials", """{"type": "user_password", "username": "u", "password": "hidden", "title": "Mail"}""");
        var host = await PostAsync("/http/credentials", """{"type": "host_scoped", "host": "api.example.com", "headers": {"X": "hidden"}, "title": "Host"}""");
        Assert.Equal((201, 201), (password.Status, host.Status));

        var listed = await SendAsync(HttpMethod.Get, "/credentials");
        var own = listed.Json.EnumerateArray().Where(one => one.Text("title") is "Mine" or "Mail" or "Host").Select(one => $"{one.Text("provider")} {one.Text("host")}");
        Assert.Equal(["openai ", "smtp ", "http api.example.com"], own);
        Assert.DoesNotContain("hidden", listed.Text + created.Text, StringComparison.Ordinal);
        Assert.Contains((await SendAsync(HttpMethod.Get, "/openai/credentials")).Json.EnumerateArray(), one => one.Id() == created.Json.Id());

        (await SendAsync(HttpMethod.Delete, $"/github/credentials/{created.Json.Id()}")).IsDetail(404);
        Assert.Equal($$"""{"deleted":true,"credentials_id":"{{created.Json.Id()}}"}""", (await SendAsync(HttpMethod.Delete, $"/openai/credentials/{created.Json.Id()}")).Text);
        (await SendAsync(HttpMethod.Delete, $"/openai/credentials/{created.Json.Id()}")).IsDetail(404);
    }

    [Fact]
    public async Task A_wrong_request_has_the_form_of_the_external_api_and_repeats_no_secret()
    {
        (await PostAsync("/nowhere/credentials", """{"type": "api_key", "api_key": "hidden", "title": "t"}""")).IsDetail(404);
        var incomplete = await PostAsync("/openai/credentials", """{"type": "api_key", "api_key": "hidden"}""");

        Assert.Equal((422, "detail"), (incomplete.Status, incomplete.Members));
        Assert.Equal("missing", incomplete.Json.GetProperty("detail")[0].Text("type"));
        Assert.DoesNotContain("hidden", incomplete.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Providers_say_how_one_signs_in()
    {
        var providers = (await SendAsync(HttpMethod.Get, "/providers")).Json.EnumerateArray().ToDictionary(provider => provider.Text("name")!, StringComparer.Ordinal);

        Assert.True(providers["github"].GetProperty("supports_oauth").GetBoolean());
        Assert.Equal("""["identify"]""", providers["discord"].GetProperty("default_scopes").GetRawText());
        Assert.True(providers["openai"] is var openai && openai.GetProperty("supports_api_key").GetBoolean() && !openai.GetProperty("supports_oauth").GetBoolean());
        Assert.True(providers["smtp"].GetProperty("supports_user_password").GetBoolean());
        Assert.True(providers["http"].GetProperty("supports_host_scoped").GetBoolean());
    }

    [Fact]
    public async Task A_login_comes_back_to_an_allowed_page_with_what_the_program_wanted_to_be_told()
    {
        var begun = await PostAsync("/github/oauth/initiate", """{"callback_url": "https://app.example.com/back?x=1", "scopes": ["repo"], "state_metadata": {"tenant": 7}}""");
        Assert.Equal((200, "login_url state_token expires_at"), (begun.Status, begun.Members));
        var state = begun.Json.Text("state_token");
        // A login is ended where it was begun.
        (await _user.PostAsync("/api/integrations/github/callback", new JsonObject { ["code"] = "canary-code", ["state_token"] = state })).IsDetail(400);

        var body = new JsonObject { ["code"] = "canary-code", ["state_token"] = state }.ToJsonString();
        var ended = await PostAsync("/github/oauth/complete", body);

        Assert.True(ended.Status == 200, ended.Text);
        Assert.Equal(("github", "oauth2", "octocat", """["repo"]""", """{"tenant":7}"""), (
            ended.Json.Text("provider"), ended.Json.Text("type"), ended.Json.Text("username"), ended.Json.GetProperty("scopes").GetRawText(), ended.Json.GetProperty("state_metadata").GetRawText()));
        (await PostAsync("/github/oauth/complete", body)).IsDetail(400);
    }

    [Fact]
    public async Task A_login_of_the_platforms_pages_is_not_ended_by_a_program()
    {
        var state = (await _user.GetAsync("/api/integrations/github/login")).Json.Text("state_token");

        (await PostAsync("/github/oauth/complete", new JsonObject { ["code"] = "canary-code", ["state_token"] = state }.ToJsonString())).IsDetail(400);
        Assert.Equal(200, (await _user.PostAsync("/api/integrations/github/callback", new JsonObject { ["code"] = "canary-code", ["state_token"] = state })).Status);
    }

    [Theory]
    [InlineData("https://evil.example.com/back")]
    [InlineData("https://app.example.com.evil.example/back")]
    [InlineData("http://app.example.com/back")]
    [InlineData("no address")]
    public async Task A_page_of_another_origin_is_refused(string callback)
    {
        var refused = await PostAsync("/github/oauth/initiate", new JsonObject { ["callback_url"] = callback }.ToJsonString());

        Assert.Equal((400, JsonValueKind.Array), (refused.Status, refused.Json.GetProperty("detail").ValueKind));
    }

    [Fact]
    public async Task A_provider_without_a_login_is_not_found_and_one_without_a_client_says_what_is_missing()
    {
        const string Body = """{"callback_url": "https://app.example.com/back"}""";
        (await PostAsync("/openai/oauth/initiate", Body)).IsDetail(404);
        Assert.Equal(501, (await PostAsync("/google/oauth/initiate", Body)).Status);
    }

    private Task<Answer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    private async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null)
    {
        _key ??= (await _user.PostAsync("/api/api-keys", JsonNode.Parse("""{"name": "k", "permissions": ["READ_INTEGRATIONS", "MANAGE_INTEGRATIONS", "DELETE_INTEGRATIONS"]}"""))).Json.Text("plain_text_key");
        return await server.With(null).SendAsync(method, "/external-api/v1/integrations" + path, body, request => request.Headers.Add("X-API-Key", _key));
    }

    private string? _key;

    /// <summary>A server that lets logins come back to one page.</summary>
    public sealed class Server : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["FRONTEND_BASE_URL"] = "https://front.example.com";
            variables["EXTERNAL_OAUTH_CALLBACK_ORIGINS"] = """["https://app.example.com"]""";
        }

        private protected override void Replace(IServiceCollection services) => services.AddSingleton<IOAuthClient>(new ScriptedProvider());
    }
}
