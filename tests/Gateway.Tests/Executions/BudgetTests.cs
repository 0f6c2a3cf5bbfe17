using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Executions;

public sealed class BudgetTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_run_beyond_its_max_cost_fails_with_the_reason_for_people_and_programs()
    {
        var user = server.Anybody();
        var run = await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.AskingModel()), JsonNode.Parse("""{"max_cost": 0}""")));

        var stats = run.GetProperty("stats");
        Assert.Equal(("FAILED", "budget_exceeded", 0), (run.Text("status"), stats.Text("failure_reason"), stats.GetProperty("cost").GetInt32()));
        Assert.Equal("The budget of this run is spent: max_cost is 0, 0 are spent, this step costs 1.", stats.Text("error"));
    }

    [Theory]
    [InlineData("""{"inputs": {"n": 1}, "max_cost": 0}""")]
    [InlineData("""{"inputs": {"n": 1}, "max_cost": null}""")]
    [InlineData("""{"inputs": {"n": 1}}""")]
    public async Task A_run_within_its_max_cost_has_no_failure_reason(string body)
    {
        var user = server.Anybody();
        var run = await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo()), JsonNode.Parse(body)));

        Assert.Equal("COMPLETED", run.Text("status"));
        Assert.Equal(JsonValueKind.Null, run.GetProperty("stats").GetProperty("failure_reason").ValueKind);
    }

    [Theory]
    [InlineData("-1", "greater than or equal to 0")]
    [InlineData("1.5", "valid integer")]
    [InlineData("\"5\"", "valid integer")]
    [InlineData("3000000000", "valid integer")]
    public async Task A_max_cost_that_is_no_whole_number_of_credits_is_refused(string most, string reason)
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());

        var answer = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1", JsonNode.Parse($$"""{"inputs": {"n": 1}, "max_cost": {{most}}}"""));

        Assert.Equal(422, answer.Status);
        Assert.Contains(reason, answer.Text, StringComparison.Ordinal);
        Assert.Equal("[]", (await user.GetAsync("/api/executions")).Text);
    }
}

public sealed class BudgetWithoutCreditsTests(BudgetWithoutCreditsTests.Server server) : IClassFixture<BudgetWithoutCreditsTests.Server>
{
    [Fact]
    public async Task A_max_cost_is_refused_where_nothing_is_charged_and_the_setting_is_named()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());

        var answer = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1", JsonNode.Parse("""{"inputs": {"n": 1}, "max_cost": 10}"""));

        Assert.Equal(400, answer.Status);
        Assert.Contains("set ENABLE_CREDIT=true", answer.Text, StringComparison.Ordinal);
    }

    public sealed class Server : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables) => variables["ENABLE_CREDIT"] = "false";
    }
}
