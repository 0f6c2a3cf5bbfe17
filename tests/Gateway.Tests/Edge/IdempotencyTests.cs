using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Npgsql;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>Requests that are sent again with an <c>Idempotency-Key</c> (decision 27).</summary>
public sealed class IdempotencyTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Inputs = """{"inputs": {"n": 1}}""";

    [Fact]
    public async Task A_start_that_is_sent_again_starts_nothing_and_gets_the_same_answer()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());

        var first = await StartAsync(user, graph, "a", Inputs);
        await user.EndAsync(first.Json);
        var again = await StartAsync(user, graph, "a", Inputs);
        var other = await StartAsync(user, graph, "b", Inputs);

        Assert.Equal((200, first.Text), (again.Status, again.Text));
        Assert.NotEqual(first.Json.Id(), other.Json.Id());
        Assert.Equal(2, await CountAsync(user));
    }

    [Fact]
    public async Task Of_many_at_once_one_starts_a_run()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => StartAsync(user, graph, "a", Inputs)));

        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 200, 409 }));
        Assert.Single(answers.Where(answer => answer.Status == 200).Select(answer => answer.Json.Id()).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, await CountAsync(user));
    }

    [Fact]
    public async Task While_the_first_is_under_way_the_second_is_told_so()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        await using var connection = new NpgsqlConnection(server.Database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var command = new NpgsqlCommand("LOCK TABLE runs IN EXCLUSIVE MODE", connection, transaction)) await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var first = StartAsync(user, graph, "a", Inputs);
        // Whichever of the two comes first waits for the table.
        var second = StartAsync(user, graph, "a", Inputs);
        var told = await await Task.WhenAny(first, second);
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);

        Assert.Equal(409, told.Status);
        Assert.Contains("Idempotency-Key", told.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal([200, 409], (await Task.WhenAll(first, second)).Select(answer => answer.Status).Order());
        Assert.Equal(1, await CountAsync(user));
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_refused()
    {
        var user = server.Anybody();
        var (graph, other) = (await user.CreateAsync(TestGraph.Echo()), await user.CreateAsync(TestGraph.Echo()));
        await StartAsync(user, graph, "a", Inputs);

        foreach (var answer in new[] { await StartAsync(user, graph, "a", """{"inputs": {"n": 2}}"""), await StartAsync(user, other, "a", Inputs) })
        {
            Assert.Equal(422, answer.Status);
            Assert.Contains("Idempotency-Key", answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal(1, await CountAsync(user));
    }

    [Fact]
    public async Task Users_have_keys_of_their_own()
    {
        var (one, two) = (server.Anybody(), server.Anybody());

        var answers = await Task.WhenAll(CreateAsync(one, "same"), CreateAsync(two, "same"));

        Assert.NotEqual(answers[0].Json.Id(), answers[1].Json.Id());
    }

    [Fact]
    public async Task A_refused_request_frees_its_key()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());

        var refused = await PostAsync(user, $"/api/graphs/{graph.Id()}/execute/99", "a", Inputs);
        var corrected = await StartAsync(user, graph, "a", Inputs);

        Assert.Equal((400, 200), (refused.Status, corrected.Status));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tab\tinside")]
    [InlineData("long")]
    public async Task A_key_that_is_none_is_refused_with_its_cure(string key)
    {
        var user = server.Anybody();
        if (key == "long") key = new string('x', 256);

        var answer = await CreateAsync(user, key);

        Assert.Equal(422, answer.Status);
        Assert.Equal(["header", "Idempotency-Key"], answer.Json.GetProperty("detail")[0].GetProperty("loc").EnumerateArray().Select(part => part.GetString()));
        Assert.Contains("1 to 255 printable ASCII characters", answer.Text, StringComparison.Ordinal);
        Assert.Empty((await user.GetAsync("/api/graphs")).Json.EnumerateArray());
    }

    [Fact]
    public async Task A_graph_that_is_sent_again_is_stored_once()
    {
        var user = server.Anybody();

        var first = await CreateAsync(user, "a");
        var again = await CreateAsync(user, "a");

        Assert.Equal((200, first.Text), (again.Status, again.Text));
        Assert.Single((await user.GetAsync("/api/graphs")).Json.EnumerateArray());
    }

    [Fact]
    public async Task What_was_done_before_the_answer_got_lost_is_not_done_again()
    {
        var user = server.Anybody();
        var graph = await CreateAsync(user, "graph");
        var run = await StartAsync(user, graph.Json, "run", Inputs);
        // As a process leaves it that dies between what it has done and the answer.
        await using (var source = NpgsqlDataSource.Create(server.Database.ConnectionString))
        await using (var command = source.CreateCommand("UPDATE request_keys SET status = NULL, answer = NULL")) await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var graphAgain = await CreateAsync(user, "graph");
        var runAgain = await StartAsync(user, graph.Json, "run", Inputs);

        Assert.Equal((200, graph.Text), (graphAgain.Status, graphAgain.Text));
        Assert.Equal((200, run.Text), (runAgain.Status, runAgain.Text));
        Assert.Single((await user.GetAsync("/api/graphs")).Json.EnumerateArray());
        Assert.Equal(1, await CountAsync(user));
    }

    private static Task<Answer> StartAsync(ApiClient user, JsonElement graph, string key, string body) => PostAsync(user, $"/api/graphs/{graph.Id()}/execute/1", key, body);

    private static Task<Answer> CreateAsync(ApiClient user, string key) =>
        PostAsync(user, "/api/graphs", key, new JsonObject { ["graph"] = TestGraph.Echo().Json() }.ToJsonString());

    private static Task<Answer> PostAsync(ApiClient user, string path, string key, string body) =>
        user.SendAsync(HttpMethod.Post, path, body, request => request.Headers.TryAddWithoutValidation("Idempotency-Key", key));

    private static async Task<int> CountAsync(ApiClient user) => (await user.GetAsync("/api/executions")).Json.GetArrayLength();
}
