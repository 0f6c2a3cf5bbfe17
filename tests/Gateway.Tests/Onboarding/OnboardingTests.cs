using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Credits;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.Onboarding;

/// <summary>The routes of onboarding, and what users do over REST that completes its steps (contract: endpoints.tsv, section Onboarding; semantics 8.4).</summary>
public sealed class OnboardingTests(CreditServer server) : IClassFixture<CreditServer>
{
    private const string Path = "/api/onboarding";

    [Fact]
    public async Task A_new_user_has_completed_nothing()
    {
        var id = Guid.NewGuid().ToString();

        var answer = await server.For(id).GetAsync(Path);

        Assert.Equal(
            $$"""{"userId":"{{id}}","completedSteps":[],"walletShown":false,"notified":[],"rewardedFor":[],"usageReason":null,"integrations":[],"otherIntegrations":null,"selectedStoreListingVersionId":null,"agentInput":null,"onboardingAgentExecutionId":null,"agentRuns":0,"lastRunAt":null,"consecutiveRunDays":0}""",
            answer.Text);
        Assert.Equal(401, (await server.With(null).GetAsync(Path)).Status);
    }

    [Fact]
    public async Task Answers_are_stored_and_what_is_absent_or_null_stays()
    {
        var user = server.Anybody();
        await user.PatchAsync(Path, JsonNode.Parse("""{"walletShown": true, "notified": ["WELCOME"], "usageReason": "data_research", "integrations": ["github", "notion"], "agentInput": {"n": 1.50, "deep": {"a": [1]}}}""")!);

        var answer = await user.PatchAsync(Path, JsonNode.Parse("""{"walletShown": false, "notified": ["CONGRATS"], "usageReason": null, "otherIntegrations": "mine", "onboardingAgentExecutionId": "run", "selectedStoreListingVersionId": "listing"}""")!);

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal((true, "data_research", "mine", "run", "listing"),
            (answer.Json.GetProperty("walletShown").GetBoolean(), answer.Json.Text("usageReason"), answer.Json.Text("otherIntegrations"), answer.Json.Text("onboardingAgentExecutionId"), answer.Json.Text("selectedStoreListingVersionId")));
        Assert.Equal("""["WELCOME","CONGRATS"] ["github","notion"] {"n":1.50,"deep":{"a":[1]}}""", string.Join(' ', new[] { "notified", "integrations", "agentInput" }.Select(member => answer.Json.GetProperty(member).GetRawText())));
        Assert.Equal(answer.Text, (await user.GetAsync(Path)).Text);
    }

    [Fact]
    public async Task Answers_that_do_not_fit_are_refused_by_name_and_change_nothing()
    {
        var user = server.Anybody();

        Assert.Equal(
            ["bool_type body.walletShown", "literal_error body.notified.1", "string_type body.integrations.0", "dict_type body.agentInput"],
            (await user.PatchAsync(Path, JsonNode.Parse("""{"walletShown": "yes", "notified": ["WELCOME", "FLYING"], "integrations": [5], "agentInput": []}""")!)).Problems());
        var large = await user.PatchAsync(Path, new JsonObject { ["usageReason"] = "r", ["otherIntegrations"] = new string('x', 70_000) });
        large.IsError(400);
        Assert.Equal("The answers may have 65536 bytes together, and otherIntegrations is too large; send a smaller one.", large.Detail);
        Assert.Equal(JsonValueKind.Null, (await user.GetAsync(Path)).Json.GetProperty("usageReason").ValueKind);
    }

    [Fact]
    public async Task A_client_completes_its_steps_once_and_no_others()
    {
        var user = server.Anybody();
        await user.GetAsync("/api/credits");

        var answer = await user.PostAsync($"{Path}/step?step=MARKETPLACE_VISIT");
        Assert.Equal((200, "null"), (answer.Status, answer.Text));
        await user.PostAsync($"{Path}/step?step=MARKETPLACE_VISIT");

        Assert.Equal(["literal_error query.step"], (await user.PostAsync($"{Path}/step?step=SCHEDULE_AGENT")).Problems());
        Assert.Equal(["missing query.step"], (await user.PostAsync($"{Path}/step")).Problems());
        Assert.Equal("""["MARKETPLACE_VISIT"]""", await StepsAsync(user));
        Assert.Equal(1600, await BalanceAsync(user));
    }

    [Fact]
    public async Task Steps_have_their_newer_names_for_newer_clients()
    {
        var user = server.Anybody();
        Assert.Equal("""{"is_completed":false}""", (await user.GetAsync($"{Path}/completed")).Text);

        Assert.Equal(200, (await user.PostAsync($"{Path}/step?step=ONBOARDING_COMPLETE")).Status);
        await user.PatchAsync(Path, JsonNode.Parse("""{"notified": ["LIBRARY_RUN_AGENT", "ONBOARDING_COMPLETE"]}""")!);

        Assert.Equal("""{"is_completed":true}""", (await user.GetAsync($"{Path}/completed")).Text);
        Assert.Equal("""["VISIT_COPILOT"]""", await StepsAsync(user));
        var newer = (await user.ShapedAsync(HttpMethod.Get, Path)).Json;
        Assert.Equal("""["ONBOARDING_COMPLETE"] ["LIBRARY_RUN_AGENT","ONBOARDING_COMPLETE"] ["ONBOARDING_COMPLETE"]""",
            string.Join(' ', new[] { "completedSteps", "notified", "rewardedFor" }.Select(member => newer.GetProperty(member).GetRawText())));
    }

    [Fact]
    public async Task A_reset_begins_anew_and_rewards_nothing_again()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        await user.ScheduleAsync(graph);
        await user.PatchAsync(Path, JsonNode.Parse("""{"usageReason": "reason"}""")!);

        var reset = await user.PostAsync($"{Path}/reset");

        Assert.Equal("""[] ["SCHEDULE_AGENT"] null""", string.Join(' ', new[] { "completedSteps", "rewardedFor", "usageReason" }.Select(member => reset.Json.GetProperty(member).GetRawText())));
        await user.ScheduleAsync(graph);
        Assert.Equal("""["SCHEDULE_AGENT"]""", await StepsAsync(user));
        Assert.Equal(1600, await BalanceAsync(user));
    }

    [Fact]
    public async Task There_is_no_marketplace_to_begin_with()
    {
        Assert.Equal("false", (await server.Anybody().GetAsync($"{Path}/enabled")).Text);
        Assert.Equal("[]", (await server.Anybody().GetAsync($"{Path}/agents")).Text);
    }

    [Theory]
    [InlineData("graphs")]
    [InlineData("agents")]
    [InlineData("scheduler")]
    public async Task Whoever_creates_a_schedule_completes_its_step_and_is_told_so(string surface)
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        await using var client = await LiveClient.ListenAsync(server, id);
        var graph = await user.CreateAsync(TestGraph.Echo());

        var answer = surface switch
        {
            "graphs" => await user.PostAsync($"/api/graphs/{graph.Id()}/schedules", ScheduleRequests.Body()),
            "agents" => await user.PostAsync($"/api/agents/{graph.Id()}/schedules", JsonNode.Parse("""{"name": "s", "cron_expression": "0 9 * * *", "timezone": "UTC", "inputs": {"n": 1}}""")),
            _ => await user.PostAsync("/api/scheduler/register", JsonNode.Parse($$$"""{"triggerId": "t", "workflowId": "{{{graph.Id()}}}", "cronExpression": "0 9 * * *", "inputs": {"n": 1}}""")),
        };

        Assert.True(answer.Status is 200 or 201, answer.Text);
        Assert.Equal("""["SCHEDULE_AGENT"]""", await StepsAsync(user));
        Assert.Equal("""{"method":"notification","data":{"type":"onboarding","event":"step_completed","step":"SCHEDULE_AGENT"},"success":null,"channel":null,"error":null}""", (await client.NextOfAllAsync()).GetRawText());
    }

    [Fact]
    public async Task A_graph_that_is_saved_in_the_builder_completes_its_step()
    {
        var user = server.Anybody();
        await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = TestGraph.Echo().Json(), ["source"] = "upload" });
        Assert.Equal("[]", await StepsAsync(user));

        await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = TestGraph.Echo().Json(), ["source"] = "builder" });

        Assert.Equal("""["BUILDER_SAVE_AGENT"]""", await StepsAsync(user));
    }

    [Fact]
    public async Task Runs_are_counted_and_complete_the_steps_of_where_they_are_started()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        await using var client = await LiveClient.ListenAsync(server, id);
        var graph = await user.CreateAsync(TestGraph.Echo());
        var told = new List<string>();
        foreach (var source in new[] { "library", "builder", null })
        {
            await user.EndAsync(await user.ExecuteAsync(graph, new JsonObject { ["inputs"] = new JsonObject { ["n"] = 1 }, ["source"] = source }));
            if (source is not null) continue;
            // Three steps, and at least one count, in any order.
            while (told.Count(step => step != "null") < 3 || (await user.GetAsync(Path)).Json.GetProperty("agentRuns").GetInt32() < 3)
                told.Add((await client.NextOfAllAsync()).GetProperty("data").GetProperty("step").GetRawText());
        }

        Assert.Equal(["\"BUILDER_RUN_AGENT\"", "\"MARKETPLACE_RUN_AGENT\"", "\"RE_RUN_AGENT\""], told.Where(step => step != "null").Order(StringComparer.Ordinal));
        var state = (await user.GetAsync(Path)).Json;
        Assert.Equal((3, 1, JsonValueKind.String), (state.GetProperty("agentRuns").GetInt32(), state.GetProperty("consecutiveRunDays").GetInt32(), state.GetProperty("lastRunAt").ValueKind));
        // 100 each for the library and the second run.
        Assert.Equal(1700, await BalanceAsync(user));
    }

    [Fact]
    public async Task Looking_at_the_run_of_the_wizard_completes_its_step()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        var run = await user.EndAsync(await user.ExecuteAsync(await user.CreateAsync(TestGraph.Echo()), JsonNode.Parse("""{"inputs": {"n": 1}, "dry_run": true}""")));
        await user.PatchAsync(Path, new JsonObject { ["onboardingAgentExecutionId"] = run.Id() });
        await using var client = await LiveClient.ListenAsync(server, id);

        await user.GetAsync($"/api/graphs/{run.Text("graph_id")}/executions/{run.Id()}");

        Assert.Equal("GET_RESULTS", (await client.NextOfAllAsync()).GetProperty("data").Text("step"));
        Assert.Equal("""["GET_RESULTS"]""", await StepsAsync(user));
    }

    private static async Task<string> StepsAsync(ApiClient user) => (await user.GetAsync(Path)).Json.GetProperty("completedSteps").GetRawText();

    private static async Task<long> BalanceAsync(ApiClient user) => (await user.GetAsync("/api/credits")).Json.GetProperty("credits").GetInt64();
}
