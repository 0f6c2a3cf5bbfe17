using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Integrations;

/// <summary>The section Integrations of the contract: shapes, masks and errors (semantics 4, errors.tsv, decision 5).</summary>
public sealed class CredentialEndpointTests(CredentialServer server) : IClassFixture<CredentialServer>
{
    private const string Mask = "**********";

    private readonly ApiClient _user = server.Anybody();

    public static TheoryData<string, string, string> Types => new()
    {
        {
            "openai",
            """{"type": "api_key", "provider": "other", "api_key": "hidden", "title": "mine", "expires_at": 4102444800, "metadata": {"base_url": "http://127.0.0.1:8080/v1", "a": 1}}""",
            """{"provider": "openai", "title": "mine", "type": "api_key", "api_key": "**********", "expires_at": 4102444800, "metadata": {"base_url": "http://127.0.0.1:8080/v1", "a": 1}}"""
        },
        {
            "github",
            """{"type": "oauth2", "provider": "github", "access_token": "hidden", "refresh_token": "hidden", "scopes": ["repo"], "username": "octocat", "metadata": {"a": 1}}""",
            """
            {"provider": "github", "title": null, "type": "oauth2", "username": "octocat", "access_token": "**********", "access_token_expires_at": null, "refresh_token": "**********",
             "refresh_token_expires_at": null, "scopes": ["repo"], "metadata": {"a": 1}}
            """
        },
        {
            "smtp",
            """{"type": "user_password", "provider": "smtp", "username": "hidden", "password": "hidden"}""",
            """{"provider": "smtp", "title": null, "type": "user_password", "username": "**********", "password": "**********"}"""
        },
        {
            "http",
            """{"type": "host_scoped", "provider": "http", "host": "*.example.com", "headers": {"Authorization": "hidden"}}""",
            """{"provider": "http", "title": null, "type": "host_scoped", "host": "*.example.com", "headers": {"Authorization": "**********"}}"""
        },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Each_type_is_stored_and_read_with_masks_and_listed_without_secrets(string provider, string body, string expected)
    {
        var created = await _user.PostAsync($"/api/integrations/{provider}/credentials", JsonNode.Parse(body));
        var id = created.Json.Id();
        var read = await _user.GetAsync($"/api/integrations/{provider}/credentials/{id}");
        var all = await _user.GetAsync("/api/integrations/credentials");
        var ofProvider = await _user.GetAsync($"/api/integrations/{provider}/credentials");

        var wanted = JsonNode.Parse(expected)!;
        wanted["id"] = id;
        Assert.Equal((201, 200, 200, 200), (created.Status, read.Status, all.Status, ofProvider.Status));
        Assert.True(JsonNode.DeepEquals(wanted, JsonNode.Parse(created.Text)), created.Text);
        Assert.True(JsonNode.DeepEquals(wanted, JsonNode.Parse(read.Text)), read.Text);
        var listed = all.Json.EnumerateArray().First(entry => entry.Id() == id);
        Assert.Equal("id provider type title scopes username host is_managed metadata service service_name service_icon mcp_auth_scheme", string.Join(' ', listed.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(wanted["metadata"]?.ToJsonString() ?? "{}", JsonNode.Parse(listed.GetProperty("metadata").GetRawText())!.ToJsonString());
        Assert.Contains(ofProvider.Json.EnumerateArray(), entry => entry.Id() == id);
        Assert.All([created, read, all, ofProvider], answer => Assert.DoesNotContain("hidden", answer.Text, StringComparison.Ordinal));
        Assert.Equal(404, (await server.Anybody().GetAsync($"/api/integrations/{provider}/credentials/{id}")).Status);
        (await _user.GetAsync($"/api/integrations/other/credentials/{id}")).IsDetail(404);
    }

    [Fact]
    public async Task System_credentials_are_appended_to_every_list_and_never_show_their_key()
    {
        var list = await _user.GetAsync("/api/integrations/credentials");
        var one = await _user.GetAsync($"/api/integrations/openai/credentials/{SystemCredentials.Ids["openai"]}");
        var deleted = await _user.DeleteAsync($"/api/integrations/openai/credentials/{SystemCredentials.Ids["openai"]}");
        var providers = await server.With(null).GetAsync("/api/integrations/providers/system");

        Assert.Equal([SystemCredentials.Ids["ollama"], SystemCredentials.Ids["openai"]], list.Json.EnumerateArray().Select(entry => entry.Id()));
        Assert.Equal((Mask, "Use Credits for openai"), (one.Json.GetProperty("api_key").GetString(), one.Json.GetProperty("title").GetString()));
        Assert.Equal("""{"deleted":true,"revoked":null}""", deleted.Text);
        Assert.Equal("""["ollama","openai"]""", providers.Text);
        Assert.All([list, one], answer => Assert.DoesNotContain(CredentialServer.SystemKey, answer.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Providers_are_listed_without_authentication()
    {
        var anonymous = server.With(null);
        var names = (await anonymous.GetAsync("/api/integrations/providers")).Json.EnumerateArray().Select(name => name.GetString()!).ToList();
        var asObject = await anonymous.GetAsync("/api/integrations/providers/names");
        var constants = await anonymous.GetAsync("/api/integrations/providers/constants");
        var example = await anonymous.GetAsync("/api/integrations/providers/enum-example");

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Contains("github", names);
        Assert.Equal(names, asObject.Json.GetProperty("providers").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("open_router", constants.Json.GetProperty("PROVIDER_NAMES").GetProperty("OPEN_ROUTER").GetString());
        Assert.Equal(names[0], example.Json.GetProperty("provider").GetString());
        Assert.Equal(401, (await anonymous.GetAsync("/api/integrations/credentials")).Status);
    }

    [Fact]
    public async Task Newer_clients_get_providers_as_objects_with_the_kinds_of_credentials()
    {
        var anonymous = server.With(null);
        var names = (await anonymous.ShapedAsync(HttpMethod.Get, "/api/integrations/providers", shape: "0.6.44")).Json.EnumerateArray().Select(name => name.GetString()!).ToList();
        var objects = (await anonymous.ShapedAsync(HttpMethod.Get, "/api/integrations/providers")).Json.EnumerateArray().ToDictionary(provider => provider.Text("name")!, StringComparer.Ordinal);
        string Kinds(string provider) => objects[provider].GetProperty("supported_auth_types").GetRawText();

        Assert.Equal(names, objects.Keys);
        Assert.Equal("""["api_key","oauth2"]""", Kinds("discord"));
        Assert.Equal("""["user_password"]""", Kinds("smtp"));
        Assert.All(objects.Values, provider => Assert.Equal("name description supported_auth_types display_name mcp_server service service_name service_icon", string.Join(' ', provider.EnumerateObject().Select(member => member.Name))));
        Assert.All(objects.Values, provider => Assert.NotEqual(JsonValueKind.Null, provider.GetProperty("description").ValueKind));
    }

    [Fact]
    public async Task Newer_clients_get_credentials_without_masks_because_secrets_are_absent()
    {
        var created = await _user.ShapedAsync(HttpMethod.Post, "/api/integrations/newer/credentials", JsonNode.Parse("""{"type": "api_key", "provider": "newer", "api_key": "hidden", "title": "mine"}"""));
        var read = await _user.ShapedAsync(HttpMethod.Get, $"/api/integrations/newer/credentials/{created.Json.Id()}");

        Assert.Equal(201, created.Status);
        Assert.Equal(
            $$"""{"id":"{{created.Json.Id()}}","provider":"newer","type":"api_key","title":"mine","scopes":null,"username":null,"host":null,"is_managed":false,"metadata":{},"service":null,"service_name":null,"service_icon":null,"mcp_auth_scheme":null}""",
            created.Text);
        Assert.Equal(created.Text, read.Text);
    }

    [Fact]
    public async Task A_shape_that_does_not_exist_is_refused_and_stores_nothing()
    {
        var body = JsonNode.Parse("""{"type": "api_key", "provider": "shapeless", "api_key": "hidden"}""");
        var created = await _user.ShapedAsync(HttpMethod.Post, "/api/integrations/shapeless/credentials", body, "0.8");

        created.IsError(400);
        Assert.Equal("AutoGPT-Shape: '0.8' is not a shape of answers; send 0.6.44 or 0.7, or leave the header out for 0.6.44.", created.Detail);
        Assert.Equal("[]", (await _user.GetAsync("/api/integrations/shapeless/credentials")).Text);
    }

    [Fact]
    public async Task A_body_of_an_unknown_type_or_without_a_secret_is_refused_and_not_repeated()
    {
        var unknown = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"type": "secret", "provider": "p", "api_key": "hidden"}"""));
        var without = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"provider": "p", "api_key": "hidden"}"""));
        var incomplete = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"type": "user_password", "provider": "p", "password": "hidden"}"""));
        var wrong = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"type": "api_key", "provider": "p", "api_key": ["hidden"]}"""));
        var empty = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"type": "api_key", "provider": "p", "api_key": ""}"""));

        Assert.Equal(["union_tag_invalid body"], unknown.Problems());
        Assert.Equal(["union_tag_not_found body"], without.Problems());
        Assert.Equal(["missing body.user_password.username"], incomplete.Problems());
        Assert.Equal(["string_type body.api_key.api_key"], wrong.Problems());
        empty.IsError(400);
        Assert.All([unknown, without, incomplete, wrong], answer => Assert.DoesNotContain("hidden", answer.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai", "127.0.0.1:8080/v1")]
    [InlineData("groq", "ftp://models.example.com/v1")]
    [InlineData("openai", "https://user:hidden@models.example.com/v1")]
    [InlineData("openai", "https://models.example.com/v1?key=hidden")]
    [InlineData("openai", "https://models.example.com/v1#a")]
    [InlineData("openai", " https://models.example.com/v1")]
    [InlineData("openai", "https:///v1")]
    [InlineData("openai", "")]
    public async Task A_base_url_that_is_no_plain_address_is_refused_with_the_field_and_the_cure(string provider, string address)
    {
        var refused = await _user.PostAsync($"/api/integrations/{provider}/credentials", Key(provider, address));

        refused.IsError(400);
        Assert.Equal(
            "metadata.base_url must be an absolute http or https address such as http://127.0.0.1:8080/v1, of at most 2000 characters, without user name, password, query and fragment.",
            refused.Detail);
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("ollama")]
    [InlineData("github")]
    public async Task A_provider_that_does_not_speak_the_form_of_OpenAI_has_no_base_url(string provider)
    {
        var refused = await _user.PostAsync($"/api/integrations/{provider}/credentials", Key(provider, "http://127.0.0.1:8080/v1"));

        refused.IsError(400);
        Assert.Equal(
            $"metadata.base_url: a key of '{provider}' cannot have one. Leave it out, or store the key as one of aiml_api, groq, llama_api, open_router, openai, v0, whose form the server must speak; "
            + "openai does for Ollama, llama.cpp and vLLM.",
            refused.Detail);
    }

    [Fact]
    public async Task Metadata_is_bounded_and_an_object()
    {
        var large = await _user.PostAsync("/api/integrations/openai/credentials", Key("openai", "https://models.example.com/" + new string('a', 2_000)));
        var larger = await _user.PostAsync("/api/integrations/openai/credentials", Key("openai", "https://models.example.com/" + new string('a', 5_000)));
        var text = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"type": "api_key", "provider": "p", "api_key": "k", "metadata": "m"}"""));

        Assert.StartsWith("metadata.base_url must be", large.Detail, StringComparison.Ordinal);
        Assert.Equal("metadata must have at most 4096 bytes.", larger.Detail);
        Assert.Equal(["dict_type body.api_key.metadata"], text.Problems());
    }

    [Fact]
    public async Task A_second_credential_of_an_id_is_a_failure_of_the_store_and_a_repeated_request_is_not()
    {
        var body = """{"id": "6b9fc200-0000-4000-8000-000000000001", "type": "api_key", "provider": "p", "api_key": "k"}""";
        var first = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse(body));
        var second = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse(body));
        Task<Answer> KeyedAsync() => _user.SendAsync(
            HttpMethod.Post, "/api/integrations/p/credentials", """{"type": "api_key", "provider": "p", "api_key": "k"}""", request => request.Headers.Add("Idempotency-Key", "one"));
        var (keyed, again) = (await KeyedAsync(), await KeyedAsync());

        Assert.Equal((201, "6b9fc200-0000-4000-8000-000000000001"), (first.Status, first.Json.Id()));
        second.IsDetail(500);
        Assert.Equal((201, keyed.Text), (again.Status, again.Text));
    }

    [Fact]
    public async Task A_login_stores_tokens_and_its_errors_are_those_of_the_contract()
    {
        var begun = await _user.GetAsync("/api/integrations/github/login?scopes=repo,user");
        var state = begun.Json.GetProperty("state_token").GetString();
        Task<Answer> CallbackAsync(string code) => _user.PostAsync("/api/integrations/github/callback", new JsonObject { ["code"] = code, ["state_token"] = state });
        var completed = await CallbackAsync("canary-code");
        var replayed = await CallbackAsync("canary-code");
        state = (await _user.GetAsync("/api/integrations/github/login")).Json.GetProperty("state_token").GetString();
        var refused = await CallbackAsync("wrong");
        var unknown = await _user.GetAsync("/api/integrations/nowhere/login");
        var unset = await _user.GetAsync("/api/integrations/google/login");

        Assert.Equal("login_url state_token cancel_url", begun.Members);
        Assert.True(completed.Status == 200, completed.Text);
        Assert.Equal(("github", "oauth2", "octocat"), (Text(completed, "provider"), Text(completed, "type"), Text(completed, "username")));
        replayed.IsDetail(400);
        refused.IsDetail(400);
        Assert.Contains("bad_verification_code", refused.Detail, StringComparison.Ordinal);
        unknown.IsDetail(404);
        Assert.Equal(501, unset.Status);
        Assert.Equal("message hint", string.Join(' ', unset.Json.GetProperty("detail").EnumerateObject().Select(member => member.Name)));
        var deleted = await _user.DeleteAsync($"/api/integrations/github/credentials/{completed.Json.Id()}");
        Assert.Equal("""{"deleted":true,"revoked":true}""", deleted.Text);
    }

    [Fact]
    public async Task The_owner_sees_what_has_used_a_credential_newest_first()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        var created = await user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"type": "api_key", "provider": "p", "api_key": "k"}"""));
        var run = await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo("Reader")), JsonNode.Parse("""{"inputs": {"n": 1}}"""));
        foreach (var (owner, minute, reason) in new[] { (id, 1, "NULL"), (id, 2, "'It has expired.'"), ("somebody-else", 3, "NULL") })
        {
            await using var insert = server.Database.DataSource.CreateCommand(
                $"INSERT INTO credential_accesses (at, user_id, credential_id, provider, purpose, run_id, granted, reason) SELECT '2026-01-01T00:0{minute}:00Z', $1, $2, 'p', 'node', $3, reason IS NULL, reason FROM (SELECT {reason}::text AS reason) r");
            insert.Parameters.AddWithValue(owner);
            insert.Parameters.AddWithValue(created.Json.Id());
            insert.Parameters.AddWithValue(Guid.Parse(run.Id()));
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var path = $"/api/integrations/p/credentials/{created.Json.Id()}/accesses";
        var all = await user.GetAsync(path);

        string Access(int minute, bool granted, string reason) =>
            $$"""{"at":"2026-01-01T00:0{{minute}}:00Z","purpose":"node","graph_exec_id":"{{run.Id()}}","node_exec_id":null,"graph_id":"{{run.Text("graph_id")}}","agent_name":"Reader","granted":{{(granted ? "true" : "false")}},"reason":{{reason}}}""";
        Assert.Equal($$"""{"accesses":[{{Access(2, granted: false, "\"It has expired.\"")}},{{Access(1, granted: true, "null")}}],"has_more":false}""", all.Text);
        Assert.Equal($$"""{"accesses":[{{Access(2, granted: false, "\"It has expired.\"")}}],"has_more":true}""", (await user.GetAsync(path + "?limit=1")).Text);
        Assert.Equal("""{"accesses":[],"has_more":false}""", (await user.GetAsync($"/api/integrations/openai/credentials/{SystemCredentials.Ids["openai"]}/accesses")).Text);
        Assert.Equal(["less_than_equal query.limit"], (await user.GetAsync(path + "?limit=201")).Problems());
        (await server.Anybody().GetAsync(path)).IsDetail(404);
    }

    [Fact]
    public async Task A_deletion_is_refused_for_unknown_ids_and_other_providers()
    {
        var created = await _user.PostAsync("/api/integrations/p/credentials", JsonNode.Parse("""{"type": "api_key", "provider": "p", "api_key": "k"}"""));
        var oauth = await _user.PostAsync("/api/integrations/q/credentials", JsonNode.Parse("""{"type": "oauth2", "provider": "q", "access_token": "k", "scopes": []}"""));

        (await _user.DeleteAsync("/api/integrations/p/credentials/none")).IsDetail(404);
        (await _user.DeleteAsync("/api/integrations/p/credentials/a%0Ab")).IsDetail(404);
        (await _user.DeleteAsync($"/api/integrations/other/credentials/{created.Json.Id()}")).IsDetail(404);
        (await server.Anybody().DeleteAsync($"/api/integrations/p/credentials/{created.Json.Id()}")).IsDetail(404);
        (await _user.DeleteAsync($"/api/integrations/q/credentials/{oauth.Json.Id()}")).IsDetail(404);
        Assert.Equal("""{"deleted":true,"revoked":false}""", (await _user.DeleteAsync($"/api/integrations/q/credentials/{oauth.Json.Id()}?force=true")).Text);
        Assert.Equal("""{"deleted":true,"revoked":null}""", (await _user.DeleteAsync($"/api/integrations/p/credentials/{created.Json.Id()}")).Text);
    }

    [Fact]
    public async Task Social_media_are_not_configured() => (await _user.GetAsync("/api/integrations/ayrshare/sso_url")).IsDetail(500);

    private static JsonObject Key(string provider, string address) =>
        new() { ["type"] = "api_key", ["provider"] = provider, ["api_key"] = "k", ["metadata"] = new JsonObject { ["base_url"] = address } };

    private static string? Text(Answer answer, string member) => answer.Json.GetProperty(member) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
