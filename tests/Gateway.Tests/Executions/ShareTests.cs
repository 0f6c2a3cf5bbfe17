using System.Text.Json;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Executions;

/// <summary>Links to runs (contract: semantics 2.16, errors.tsv).</summary>
public sealed class ShareTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_shared_run_shows_its_name_status_and_outputs_to_anybody_and_nothing_else()
    {
        var user = server.Anybody();
        var run = await RunAsync(user);
        var shared = await user.PostAsync(Path(run));
        var token = shared.Json.Text("share_token");

        Assert.Equal($"{server.Address}/share/{token}", shared.Json.Text("share_url"));
        var read = (await server.With(null).GetAsync("/api/public/shared/" + token)).Json;
        Assert.Equal("id graph_name graph_description status created_at outputs", string.Join(' ', read.EnumerateObject().Select(member => member.Name)));
        Assert.Equal((run.Id(), "COMPLETED"), (read.Id(), read.Text("status")));
        var entry = (await user.GetAsync("/api/executions")).Json[0];
        Assert.Equal((true, token), (entry.GetProperty("is_shared").GetBoolean(), entry.Text("share_token")));
        var details = (await user.GetAsync($"/api/graphs/{run.Text("graph_id")}/executions/{run.Id()}")).Json;
        Assert.Equal((true, token), (details.GetProperty("is_shared").GetBoolean(), details.Text("share_token")));
    }

    [Fact]
    public async Task A_second_link_takes_the_place_of_the_first_and_the_end_closes_it()
    {
        var user = server.Anybody();
        var run = await RunAsync(user);
        var first = (await user.PostAsync(Path(run))).Json.Text("share_token");
        var second = (await user.PostAsync(Path(run))).Json.Text("share_token");

        Assert.NotEqual(first, second);
        (await server.With(null).GetAsync("/api/public/shared/" + first)).IsDetail(404);
        Assert.Equal(200, (await server.With(null).GetAsync("/api/public/shared/" + second)).Status);

        Assert.Equal(204, (await user.DeleteAsync(Path(run))).Status);
        (await server.With(null).GetAsync("/api/public/shared/" + second)).IsDetail(404);
        Assert.False((await user.GetAsync("/api/executions")).Json[0].GetProperty("is_shared").GetBoolean());
        Assert.Equal(204, (await user.DeleteAsync(Path(run))).Status);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_with_its_key_gives_the_same_link()
    {
        var user = server.Anybody();
        var run = await RunAsync(user);
        Task<Answer> ShareAsync() => user.SendAsync(HttpMethod.Post, Path(run), "{}", request => request.Headers.Add("Idempotency-Key", "share"));
        Assert.Equal((await ShareAsync()).Text, (await ShareAsync()).Text);
    }

    [Fact]
    public async Task Only_the_owner_shares_a_run_and_a_deleted_one_opens_for_nobody()
    {
        var user = server.Anybody();
        var run = await RunAsync(user);
        (await server.Anybody().PostAsync(Path(run))).IsDetail(404);
        (await server.Anybody().DeleteAsync(Path(run))).IsDetail(404);
        (await user.PostAsync($"/api/graphs/{Guid.NewGuid()}/executions/{run.Id()}/share")).IsDetail(404);
        var token = (await user.PostAsync(Path(run))).Json.Text("share_token");

        Assert.Equal(204, (await user.DeleteAsync($"/api/executions/{run.Id()}")).Status);

        (await server.With(null).GetAsync("/api/public/shared/" + token)).IsDetail(404);
    }

    [Theory]
    [InlineData("not-a-token")]
    [InlineData("6B9FC200-0000-4000-8000-000000000001")]
    public async Task A_token_that_is_no_lower_case_UUID_does_not_match_the_schema(string token) =>
        Assert.Equal(["string_pattern_mismatch path.share_token"], (await server.With(null).GetAsync("/api/public/shared/" + token)).Problems());

    private static string Path(JsonElement run) => $"/api/graphs/{run.Text("graph_id")}/executions/{run.Id()}/share";

    private static async Task<JsonElement> RunAsync(ApiClient user)
    {
        var graph = await user.CreateAsync(TestGraph.Echo());
        return await user.EndAsync(await user.ExecuteAsync(graph, System.Text.Json.Nodes.JsonNode.Parse("""{"inputs": {"n": 1}}""")));
    }
}
