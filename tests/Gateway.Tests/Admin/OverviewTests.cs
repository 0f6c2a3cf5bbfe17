using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Credits;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Admin;

/// <summary>The state of the platform, which administrators alone see.</summary>
public sealed class OverviewTests(CreditServer server) : IClassFixture<CreditServer>
{
    private const string Path = "/api/admin/overview";

    [Fact]
    public async Task An_administrator_sees_runs_wallets_and_the_scheduler_of_all_users()
    {
        var id = Guid.NewGuid().ToString();
        var user = server.For(id);
        await user.GetAsync("/api/credits");
        var graph = await user.CreateAsync(TestGraph.Echo());
        await user.EndAsync(await user.ExecuteAsync(graph, new JsonObject { ["inputs"] = new JsonObject { ["n"] = 1 } }));
        var waiting = await user.ExecuteAsync(await user.CreateAsync(TestGraph.Waiting(id)));
        await user.UntilAsync(waiting, run => run.Text("status") == "RUNNING");
        // Its owner is given 100 credits for the first schedule.
        Assert.Equal(200, (await user.PostAsync($"/api/graphs/{graph.Id()}/schedules", new JsonObject { ["name"] = "s", ["cron"] = "0 9 1 1 *", ["inputs"] = new JsonObject { ["n"] = 1 } })).Status);
        await server.Services.GetRequiredService<IClusterClient>().GetGrain<IUserWalletGrain>(id)
            .Spend(new Spend { TransactionKey = "k", Credits = 30, Metadata = JsonPayload.Wrap("{}"u8.ToArray()) });

        var overview = (await server.For("operator", "admin").GetAsync(Path)).Json;

        var runs = overview.GetProperty("runs").EnumerateArray().ToDictionary(run => run.Text("status")!, StringComparer.Ordinal);
        Assert.Equal((1, JsonValueKind.Null), (runs["COMPLETED"].GetProperty("count").GetInt32(), runs["COMPLETED"].GetProperty("oldest").ValueKind));
        Assert.Equal((1, JsonValueKind.String), (runs["RUNNING"].GetProperty("count").GetInt32(), runs["RUNNING"].GetProperty("oldest").ValueKind));
        Assert.Equal((0, 0), (overview.GetProperty("queue").GetProperty("waiting").GetInt32(), overview.GetProperty("queue").GetProperty("lag_seconds").GetDouble()));
        // The time of a block, and five minutes.
        Assert.Equal("""{"after_seconds":2100,"runs":[],"has_more":false}""", overview.GetProperty("stuck").GetRawText());
        Assert.Equal(
            $$"""{"count":1,"credits":1570,"empty":0,"spent":30,"spenders":[{"user_id":"{{id}}","user_email":"{{id}}@example.com","spent":30,"balance":1570}]}""",
            overview.GetProperty("wallets").GetRawText());
        var shard = Assert.Single(overview.GetProperty("shards").EnumerateArray());
        Assert.Equal((64, 1, 0, 0), (overview.GetProperty("shard_count").GetInt32(), shard.GetProperty("schedules").GetInt32(), shard.GetProperty("late").GetInt32(), shard.GetProperty("starts").GetInt32()));
        server.Blocks.Open(id);
        await user.EndAsync(waiting);
    }

    [Fact]
    public async Task Nobody_else_sees_it()
    {
        (await server.Anybody().GetAsync(Path)).IsDetail(403);
        Assert.Equal(401, (await server.With(null).GetAsync(Path)).Status);
    }
}
