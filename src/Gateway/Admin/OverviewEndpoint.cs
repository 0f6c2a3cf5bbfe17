using Grainflow.Engine.Scheduling;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.Monitoring;
using Grainflow.Storage.Scheduling;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Admin;

/// <summary>The state of the platform for administrators, an addition to the contract. It reads five bounded statements, however much there is.</summary>
internal sealed class OverviewEndpoint(OperatorQueries queries, IOptions<GatewayOptions> options, TimeProvider clock)
{
    private const int MostStuck = 50;
    private const int MostSpenders = 10;

    private static readonly TimeSpan Recently = TimeSpan.FromHours(24);

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapOperation(
        new Operation("GET", "/api/admin/overview", "getV2Get admin overview", "Runs, queue, wallets and scheduler of the whole platform, for administrators", "v2", "admin") { Answers = [typeof(AdminOverview)] },
        async request => ApiResponse.Ok(await ReadAsync(request)));

    private async Task<AdminOverview> ReadAsync(ApiRequest request)
    {
        AdminPolicy.Require(request.Caller);
        var now = clock.GetUtcNow();
        var runs = await queries.CountRunsAsync(now - Recently, request.Aborted);
        var stuck = await queries.FindStuckAsync(now - options.Value.StuckAfter, MostStuck + 1, request.Aborted);
        var wallets = await queries.SumWalletsAsync(request.Aborted);
        var spenders = await queries.FindSpendersAsync(now - Recently, MostSpenders, request.Aborted);
        var shards = await queries.ListShardsAsync(now - ScheduleRule.OnTime, request.Aborted);
        var queued = runs.FirstOrDefault(row => row.Status == "QUEUED");
        return new AdminOverview
        {
            At = now,
            Since = now - Recently,
            Runs = [.. runs.OrderBy(row => row.Status, StringComparer.Ordinal).Select(row => new RunCount { Status = row.Status, Count = row.Count, Oldest = row.Oldest })],
            Queue = new QueueState { Waiting = queued?.Count ?? 0, LagSeconds = queued?.Oldest is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0 },
            Stuck = new StuckRuns
            {
                AfterSeconds = options.Value.StuckAfter.TotalSeconds,
                Runs = [.. stuck.Take(MostStuck).Select(Read)],
                HasMore = stuck.Count > MostStuck,
            },
            Wallets = new WalletState
            {
                Count = wallets.Count,
                Credits = wallets.Credits,
                Empty = wallets.Empty,
                Spent = spenders.Count > 0 ? spenders[0].SpentByAll : 0,
                Spenders = [.. spenders.Select(row => new Spender { UserId = row.UserId, UserEmail = row.Email, Spent = row.Spent, Balance = row.Balance })],
            },
            ShardCount = ScheduleStore.Shards,
            Shards = [.. shards.Select(row => new SchedulerShard { Shard = row.Shard, Schedules = row.Schedules, Late = row.Late, Starts = row.Starts, NextAt = row.NextAt })],
        };
    }

    private static StuckRun Read(StuckRunRow row) => new()
    {
        GraphExecId = row.Id.ToString(),
        GraphId = row.GraphId.ToString(),
        UserId = row.UserId,
        StartedAt = row.StartedAt,
        SilentSince = row.SilentSince,
    };
}
