using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.Telemetry;

namespace Grainflow.Gateway.Tests.Blocks;

/// <summary>Blocks that are executed by themselves with credentials, and what they cost (contract: semantics 2.16, upstream 2b).</summary>
public sealed class BlockCredentialTests(BlockCredentialTests.Server server) : IClassFixture<BlockCredentialTests.Server>
{
    private const string AuthenticatedRequest = "fff86bcd-e001-4bad-a7f6-2eae4720c8dc";

    private const string Reply =
        """{"id": "x", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}""";

    private readonly string _user = Guid.NewGuid().ToString();

    private ApiClient User => server.For(_user);

    [Fact]
    public async Task A_block_gets_the_credentials_that_its_input_names_and_shows_no_secret()
    {
        var id = await CredentialAsync(User);
        server.Outside.Answer = "well done";

        var answer = await RequestAsync(User, id, "/mine");

        Assert.Equal("""{"response":["well done"]}""", answer.Text);
        Assert.Equal("Bearer of-" + _user, (await server.Outside.UntilAsync(request => request.Path == "/mine")).Headers["Authorization"]);
        Assert.Equal(1500, await BalanceAsync());
    }

    [Fact]
    public async Task Credentials_of_another_user_are_not_found_and_nothing_is_sent()
    {
        var id = await CredentialAsync(User);

        var answer = await RequestAsync(server.Anybody(), id, "/theirs");

        answer.IsError(400);
        Assert.Contains($"'credentials' names credentials #{id}, which do not exist", answer.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Outside.Requests, request => request.Path == "/theirs");
    }

    [Theory]
    [InlineData("""{"prompt": "x", "model": "gpt-4o-mini"}""", "needs credentials for 'credentials'")]
    [InlineData("""{"prompt": "x", "model": "gpt-4o-mini", "credentials": {"id": "", "provider": "openai", "type": "api_key"}}""", "needs credentials for 'credentials'")]
    [InlineData("""{"prompt": "x", "model": "gpt-4o-mini", "credentials": {"id": "none", "provider": "openai", "type": "api_key"}}""", "#none, which do not exist")]
    [InlineData("""{"prompt": "x", "model": "gpt-4o-mini", "credentials": {"id": "none", "provider": "groq", "type": "api_key"}}""", "has credentials of 'groq', but takes openai")]
    [InlineData("""{"prompt": "x", "model": "gpt-4o-mini", "credentials": {"id": "none", "provider": "openai", "type": "oauth2"}}""", "has credentials of type 'oauth2', but takes api_key")]
    public async Task Credentials_that_do_not_fit_are_refused_by_pin_and_reason_free_of_charge(string input, string reason)
    {
        var answer = await User.PostAsync($"/api/blocks/{TestGraph.TextGenerator}/execute", JsonNode.Parse(input));

        answer.IsError(400);
        Assert.Contains(reason, answer.Detail, StringComparison.Ordinal);
        Assert.Equal(1500, await BalanceAsync());
    }

    [Fact]
    public async Task The_platforms_own_credentials_are_paid_for_once_however_often_the_request_is_sent()
    {
        server.Outside.Answer = Reply;

        var first = await AskAsync("key");
        var again = await AskAsync("key");
        var other = await AskAsync(null);

        Assert.Equal("hi", first.Json.GetProperty("response")[0].GetString());
        Assert.Equal((200, first.Text), (again.Status, again.Text));
        Assert.Equal(200, other.Status);
        Assert.Equal(1498, await BalanceAsync());
        var usage = (await User.GetAsync("/api/credits/transactions?transaction_type=USAGE")).Json.GetProperty("transactions").EnumerateArray().ToList();
        Assert.Equal([-1, -1], usage.Select(entry => entry.GetProperty("amount").GetInt32()));
    }

    [Fact]
    public async Task A_block_that_fails_has_been_paid_for_and_its_repetition_is_not_paid_again()
    {
        server.Outside.Answer = "{}";

        var answers = new[] { await AskAsync("key"), await AskAsync("key") };

        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 400, 500 }));
        Assert.Equal(1499, await BalanceAsync());
    }

    [Fact]
    public async Task Without_credits_a_price_is_refused_and_what_is_free_still_runs()
    {
        await User.GetAsync("/api/credits");
        await server.For("admin-" + _user, "admin").PostAsync("/api/credits/admin/add_credits", new JsonObject { ["user_id"] = _user, ["amount"] = -1500, ["comments"] = "" });

        var refused = await AskAsync("key");

        refused.IsDetail(402);
        Assert.Contains("it costs 1 and the balance is 0", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(200, (await User.PostAsync("/api/blocks/b1ab9b19-67a6-406d-abf5-2dba76d00c79/execute", JsonNode.Parse("""{"operation": "Add", "a": 2, "b": 3}"""))).Status);
        // The key is free again, and the request goes through when there are credits.
        server.Outside.Answer = Reply;
        await server.For("admin-" + _user, "admin").PostAsync("/api/credits/admin/add_credits", new JsonObject { ["user_id"] = _user, ["amount"] = 5, ["comments"] = "" });
        Assert.Equal(200, (await AskAsync("key")).Status);
        Assert.Equal(4, await BalanceAsync());
    }

    private async Task<int> BalanceAsync() => (await User.GetAsync("/api/credits")).Json.GetProperty("credits").GetInt32();

    private Task<Answer> AskAsync(string? key) => User.SendAsync(
        HttpMethod.Post,
        $"/api/blocks/{TestGraph.TextGenerator}/execute",
        $$$"""{"prompt": "x", "model": "gpt-4o-mini", "retry": 1, "credentials": {"id": "{{{SystemCredentials.Ids["openai"]}}}", "provider": "openai", "type": "api_key", "title": "x"}}""",
        request =>
        {
            if (key is not null) request.Headers.Add("Idempotency-Key", key);
        });

    private Task<Answer> RequestAsync(ApiClient user, string credential, string path) => user.PostAsync($"/api/blocks/{AuthenticatedRequest}/execute", new JsonObject
    {
        ["url"] = server.Outside.Origin + path,
        ["method"] = "GET",
        ["credentials"] = new JsonObject { ["id"] = credential, ["provider"] = "http", ["type"] = "host_scoped", ["title"] = "x" },
    });

    private async Task<string> CredentialAsync(ApiClient user) => (await user.PostAsync("/api/integrations/http/credentials", new JsonObject
    {
        ["type"] = "host_scoped",
        ["provider"] = "http",
        ["host"] = "127.0.0.1",
        ["headers"] = new JsonObject { ["Authorization"] = "Bearer of-" + _user },
    })).Json.Id();

    /// <summary>A server whose blocks reach one other, which is also where models are asked.</summary>
    public sealed class Server : ApiServer, IAsyncLifetime
    {
        private OutsideServer? _outside;

        internal OutsideServer Outside => _outside!;

        public new async ValueTask InitializeAsync()
        {
            _outside = await OutsideServer.StartAsync();
            await base.InitializeAsync();
        }

        public new async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Outside.DisposeAsync();
        }

        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["OPENAI_BASE_URL"] = Outside.Origin + "/v1";
            variables["TRUST_ENDPOINTS_FOR_REQUESTS"] = $"""["{Outside.Origin}"]""";
        }
    }
}
