using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Scheduler;

/// <summary>The three schedule methods of the internal RPC over HTTP (contract: schedules-others, "RPC, port 8003"; semantics 5.2).</summary>
public sealed class ScheduleRpcTests(SchedulerRpcTests.Server server) : IClassFixture<SchedulerRpcTests.Server>
{
    private const string Add = "/add_graph_execution_schedule";
    private const string Delete = "/delete_graph_execution_schedule";
    private const string List = "/get_graph_execution_schedules";

    [Fact]
    public async Task A_schedule_is_added_listed_and_deleted_and_the_owner_sees_it_over_REST()
    {
        var (id, user, graph) = await GraphAsync();

        var added = await OkAsync(Add, Arguments(id, graph, ("name", "Morning"), ("user_timezone", "Asia/Kolkata")));

        Assert.Equal((id, graph, 1), (added.Text("user_id"), added.Text("graph_id"), added.GetProperty("graph_version").GetInt32()));
        Assert.Equal(("0 9 * * 1", "apscheduler", "Morning", "Asia/Kolkata"), (added.Text("cron"), added.Text("cron_dialect"), added.Text("name"), added.Text("timezone")));
        Assert.Equal(("""{"n":1}""", "{}"), (added.GetProperty("input_data").GetRawText(), added.GetProperty("input_credentials").GetRawText()));
        Assert.Equal(added.Id(), added.Text("schedule_id"));
        Assert.EndsWith("T09:00:00+05:30", added.Text("next_run_time"), StringComparison.Ordinal);
        Assert.Equal(added.Id(), Assert.Single((await user.GetAsync("/api/schedules")).Json.EnumerateArray()).Id());

        Assert.Equal([added.Id()], await ListAsync(("graph_id", graph), ("user_id", id)));
        Assert.Equal([added.Id()], await ListAsync(("graph_id", graph)));
        Assert.Equal([added.Id()], await ListAsync(("user_id", id), ("graph_id", null)));
        Assert.Contains(added.Id(), await ListAsync());
        Assert.Empty(await ListAsync(("user_id", Guid.NewGuid().ToString())));
        Assert.Empty(await ListAsync(("graph_id", "none")));

        Assert.Equal(added.Id(), (await OkAsync(Delete, new JsonObject { ["schedule_id"] = added.Id(), ["user_id"] = id })).Id());
        Assert.Empty((await user.GetAsync("/api/schedules?include_disabled=true")).Json.EnumerateArray());
        await RefusedAsync(Delete, new JsonObject { ["schedule_id"] = added.Id(), ["user_id"] = id }, 404, "NotFoundError", $"Schedule #{added.Id()} not found.");
    }

    [Fact]
    public async Task Without_name_zone_and_credentials_it_has_the_defaults_of_the_service()
    {
        var (id, _, graph) = await GraphAsync();
        var added = await OkAsync(Add, Arguments(id, graph, ("name", null), ("user_timezone", null)));
        Assert.Equal(("execute_graph", "UTC", DayOfWeek.Tuesday), (added.Text("name"), added.Text("timezone"), added.GetProperty("next_run_at").GetDateTimeOffset().DayOfWeek));
    }

    [Fact]
    public async Task Only_schedules_with_a_next_run_are_listed()
    {
        var (id, user, graph) = await GraphAsync();
        var added = await OkAsync(Add, Arguments(id, graph));
        Assert.Equal(200, (await user.PostAsync($"/api/schedules/{added.Id()}/disable")).Status);
        Assert.Empty(await ListAsync(("user_id", id)));
    }

    [Fact]
    public async Task Another_user_s_schedule_is_not_deleted()
    {
        var (id, _, graph) = await GraphAsync();
        var added = await OkAsync(Add, Arguments(id, graph));
        await RefusedAsync(Delete, new JsonObject { ["schedule_id"] = added.Id(), ["user_id"] = "other" }, 403, "NotAuthorizedError", "The schedule belongs to another user.");
        Assert.Equal([added.Id()], await ListAsync(("user_id", id)));
    }

    [Theory]
    [InlineData("cron", "\"61 * * * *\"", "ValueError", "cron: minute: 61 is not one of the numbers from 0 to 59.")]
    [InlineData("cron", "\"@monthly please\"", "ValueError", "cron: ")]
    [InlineData("cron", "null", "ValueError", "cron: Input should be a valid string")]
    [InlineData("user_timezone", "\"PST\"", "ValueError", "user_timezone: 'PST' is not a time zone of the IANA data base; use America/Los_Angeles.")]
    [InlineData("name", "\" \"", "ValueError", "name: It must not be blank.")]
    [InlineData("graph_version", "\"1\"", "ValueError", "graph_version: Input should be a valid integer")]
    [InlineData("graph_version", "0", "ValueError", "graph_version: It must be 1 or more.")]
    [InlineData("graph_version", "9", "GraphNotFoundError", "Graph #")]
    [InlineData("graph_id", "\"none\"", "GraphNotFoundError", "Graph #none version 1 not found.")]
    [InlineData("user_id", "\"other\"", "GraphNotFoundError", "Graph #")]
    [InlineData("user_id", "\"\"", "ValueError", "user_id: It must not be empty.")]
    [InlineData("input_data", "[]", "ValueError", "input_data: Input should be a valid dictionary")]
    [InlineData("input_credentials", """{"a": {"id": "c"}}""", "ValueError", "input_credentials.a.provider: Field required; input_credentials.a.type: Field required")]
    public async Task What_is_wrong_is_refused_by_its_argument_and_nothing_is_stored(string argument, string value, string type, string message)
    {
        var (id, _, graph) = await GraphAsync();
        await RefusedAsync(Add, Arguments(id, graph, (argument, JsonNode.Parse(value))), 400, type, message);
        Assert.Empty(await ListAsync(("graph_id", graph)));
    }

    [Theory]
    [InlineData(Add, "user_id: Field required; graph_id: Field required; graph_version: Field required; cron: Field required; input_data: Field required")]
    [InlineData(Delete, "schedule_id: Field required; user_id: Field required")]
    public async Task A_missing_argument_is_named(string path, string message) => await RefusedAsync(path, [], 400, "ValueError", message);

    [Fact]
    public async Task A_graph_that_could_not_run_is_refused_as_for_a_run()
    {
        var (id, user, _) = await GraphAsync();
        var graph = await user.CreateAsync(new TestGraph("Model").Node("ask", TestGraph.TextGenerator, new JsonObject { ["prompt"] = "hello" }));
        await RefusedAsync(Add, Arguments(id, graph.Id(), ("input_data", new JsonObject())), 400, "GraphValidationError", "");
        Assert.Empty(await ListAsync(("user_id", id)));
    }

    private async Task<(string Id, ApiClient User, string Graph)> GraphAsync()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        return (id, user, (await user.CreateAsync(TestGraph.Echo())).Id());
    }

    private static JsonObject Arguments(string user, string graph, params IEnumerable<(string Name, JsonNode? Value)> more)
    {
        var arguments = new JsonObject
        {
            ["user_id"] = user,
            ["graph_id"] = graph,
            ["graph_version"] = 1,
            ["cron"] = "0 9 * * 1",
            ["input_data"] = new JsonObject { ["n"] = 1 },
        };
        foreach (var (name, value) in more) arguments[name] = value;
        return arguments;
    }

    private async Task<IReadOnlyList<string>> ListAsync(params IEnumerable<(string Name, string? Value)> arguments)
    {
        var sent = new JsonObject();
        foreach (var (name, value) in arguments) sent[name] = value;
        return [.. (await OkAsync(List, sent)).EnumerateArray().Select(schedule => schedule.Id())];
    }

    private async Task<JsonElement> OkAsync(string path, JsonObject arguments)
    {
        var (status, text) = await server.PostAsync(path, arguments.ToJsonString());
        Assert.True(status == 200, text);
        return JsonElement.Parse(text);
    }

    private async Task RefusedAsync(string path, JsonObject arguments, int status, string type, string message)
    {
        var answer = await server.PostAsync(path, arguments.ToJsonString());
        Assert.Equal(status, answer.Status);
        var body = JsonElement.Parse(answer.Text);
        Assert.Equal(type, body.Text("type"));
        Assert.StartsWith(message, Assert.Single(body.GetProperty("args").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }
}
