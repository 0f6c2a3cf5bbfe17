using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.External;

/// <summary>Semantics 8.5: keys of users for the external API, and what they open.</summary>
public sealed class ApiKeyTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Providers = "/external-api/v1/integrations/providers";
    private readonly ApiClient _user = server.Anybody();

    [Fact]
    public async Task The_text_of_a_key_is_shown_once_and_opens_what_the_key_has_permissions_for()
    {
        var created = await CreateAsync("READ_INTEGRATIONS", "READ_INTEGRATIONS", "READ_GRAPH");
        var (key, text) = (created.GetProperty("api_key"), created.Text("plain_text_key")!);

        Assert.Matches("^agpt_[A-Za-z0-9_-]{43}$", text);
        Assert.Equal((text[..8], text[^8..], "ACTIVE"), (key.Text("head"), key.Text("tail"), key.Text("status")));
        Assert.Equal("""["READ_INTEGRATIONS","READ_GRAPH"]""", key.GetProperty("scopes").GetRawText());
        Assert.Equal(JsonValueKind.Null, key.GetProperty("last_used_at").ValueKind);
        Assert.Equal(200, (await WithAsync(text, HttpMethod.Get, Providers)).Status);
        (await WithAsync(text, HttpMethod.Post, "/external-api/v1/integrations/openai/credentials", """{"type": "api_key", "api_key": "k", "title": "t"}""")).IsDetail(403);

        var listed = Assert.Single((await _user.GetAsync("/api/api-keys")).Json.EnumerateArray());
        Assert.Equal((key.Id(), JsonValueKind.String), (listed.Id(), listed.GetProperty("last_used_at").ValueKind));
        Assert.DoesNotContain(text, listed.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("agpt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("something else")]
    public async Task Without_a_valid_key_nothing_is_opened(string? key) => (await WithAsync(key, HttpMethod.Get, Providers)).IsDetail(401);

    [Fact]
    public async Task A_token_of_a_user_is_no_key_and_a_key_is_no_token()
    {
        var text = (await CreateAsync("READ_INTEGRATIONS")).Text("plain_text_key");

        (await _user.GetAsync(Providers)).IsDetail(401);
        (await server.With(text).GetAsync("/api/api-keys")).IsDetail(401);
    }

    [Fact]
    public async Task Permissions_are_replaced_and_a_suspended_or_revoked_key_opens_nothing_at_once()
    {
        var first = await CreateAsync("READ_INTEGRATIONS");
        var (path, text) = ($"/api/api-keys/{first.GetProperty("api_key").Id()}", first.Text("plain_text_key")!);
        Assert.Equal(200, (await WithAsync(text, HttpMethod.Get, Providers)).Status);

        Assert.Equal("""["IDENTITY"]""", (await _user.PutAsync(path + "/permissions", Permissions("IDENTITY"))).Json.GetProperty("scopes").GetRawText());
        (await WithAsync(text, HttpMethod.Get, Providers)).IsDetail(403);
        Assert.Equal("SUSPENDED", (await _user.PostAsync(path + "/suspend")).Json.Text("status"));
        (await WithAsync(text, HttpMethod.Get, Providers)).IsDetail(401);
        var revoked = (await _user.DeleteAsync(path)).Json;
        Assert.Equal(("REVOKED", JsonValueKind.String), (revoked.Text("status"), revoked.GetProperty("revoked_at").ValueKind));
        // Revoked is final.
        var still = (await _user.PostAsync(path + "/suspend")).Json;
        Assert.Equal(("REVOKED", revoked.Text("revoked_at")), (still.Text("status"), still.Text("revoked_at")));
    }

    [Fact]
    public async Task Keys_are_their_owners()
    {
        var path = $"/api/api-keys/{(await CreateAsync("IDENTITY")).GetProperty("api_key").Id()}";
        var stranger = server.Anybody();

        (await stranger.GetAsync(path)).IsDetail(404);
        (await stranger.DeleteAsync(path)).IsError(403);
        (await stranger.PostAsync(path + "/suspend")).IsError(403);
        (await stranger.PutAsync(path + "/permissions", Permissions("IDENTITY"))).IsError(403);
        Assert.Equal("[]", (await stranger.GetAsync("/api/api-keys")).Text);
        Assert.Equal("ACTIVE", (await _user.GetAsync(path)).Json.Text("status"));
        foreach (var id in new[] { Guid.NewGuid().ToString(), "no-id" })
        {
            (await _user.GetAsync("/api/api-keys/" + id)).IsDetail(404);
            (await _user.DeleteAsync("/api/api-keys/" + id)).IsError(404);
        }
    }

    [Fact]
    public async Task A_repeated_request_makes_one_key_and_its_text_is_the_one_that_opens()
    {
        var body = new JsonObject { ["name"] = "k", ["permissions"] = new JsonArray("READ_INTEGRATIONS") }.ToJsonString();
        Task<Answer> PostAsync() => _user.SendAsync(HttpMethod.Post, "/api/api-keys", body, request => request.Headers.Add("Idempotency-Key", "once"));

        var first = (await PostAsync()).Json;
        var second = (await PostAsync()).Json;

        Assert.Equal(first.GetProperty("api_key").Id(), second.GetProperty("api_key").Id());
        Assert.Single((await _user.GetAsync("/api/api-keys")).Json.EnumerateArray());
        (await WithAsync(first.Text("plain_text_key"), HttpMethod.Get, Providers)).IsDetail(401);
        Assert.Equal(200, (await WithAsync(second.Text("plain_text_key"), HttpMethod.Get, Providers)).Status);
    }

    [Fact]
    public async Task A_permission_that_the_contract_does_not_have_is_refused() =>
        Assert.Equal(["literal_error body.permissions.0"], (await _user.PostAsync("/api/api-keys", new JsonObject { ["name"] = "k", ["permissions"] = new JsonArray("EVERYTHING") })).Problems());

    private static JsonObject Permissions(params string[] permissions) => new() { ["permissions"] = new JsonArray([.. permissions.Select(permission => (JsonNode?)permission)]) };

    private async Task<JsonElement> CreateAsync(params string[] permissions)
    {
        var body = Permissions(permissions);
        body["name"] = "My key";
        var answer = await _user.PostAsync("/api/api-keys", body);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    private Task<Answer> WithAsync(string? key, HttpMethod method, string path, string? body = null) =>
        server.With(null).SendAsync(method, path, body, request => request.Headers.TryAddWithoutValidation("X-API-Key", key));
}
