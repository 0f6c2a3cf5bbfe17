using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

public class RunStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private readonly RunStore _store = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_found_as_it_was_created()
    {
        var run = New() with
        {
            Inputs = Text.Json("""{"z":1.0,"a":null}"""),
            ParentRunId = fixture.NextId(),
            ParentNodeExecutionId = fixture.NextId(),
            RequestKey = "request",
            QueuedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
        };
        Assert.Equal(RunCreation.Created, await _store.CreateAsync(run, [Node(run, 0), Node(run, 1)], Token));

        var found = (await _store.FindAsync(run.Id, Token))!;
        Assert.Equal("""{"z":1.0,"a":null}""", Text.Of(found.Inputs));
        Assert.Equal((run.UserId, run.GraphId, run.GraphVersion, run.Status), (found.UserId, found.GraphId, found.GraphVersion, found.Status));
        Assert.Equal(
            (run.RootRunId, run.ParentRunId, run.ParentNodeExecutionId, run.RequestKey, run.CreatedAt, run.QueuedAt),
            (found.RootRunId, found.ParentRunId, found.ParentNodeExecutionId, found.RequestKey, found.CreatedAt, found.QueuedAt));
        Assert.Null(found.StartedAt);
        Assert.Null(found.EndedAt);
        Assert.Null(found.Error);
        Assert.Null(found.Stats);
        Assert.False(found.Deleted);
        Assert.Equal(found.Id, (await _store.FindByRequestKeyAsync(run.UserId, "request", Token))!.Id);
        Assert.Equal([0, 1], (await _store.NodeExecutionsAsync(run.Id, 10, Token)).Select(node => node.Row.Ordinal));
    }

    [Fact]
    public async Task A_second_run_with_the_same_id_or_request_is_not_created()
    {
        var run = New() with { RequestKey = "once" };
        Assert.Equal(RunCreation.Created, await _store.CreateAsync(run, [], Token));
        var sameId = run with { UserId = fixture.NextUser() };
        var sameRequest = New() with { UserId = run.UserId, RequestKey = "once" };

        Assert.Equal(RunCreation.Exists, await _store.CreateAsync(sameId, [Node(sameId, 0)], Token));
        Assert.Equal(RunCreation.Exists, await _store.CreateAsync(sameRequest, [Node(sameRequest, 0)], Token));

        Assert.Equal(run.UserId, (await _store.FindAsync(run.Id, Token))!.UserId);
        Assert.Null(await _store.FindAsync(sameRequest.Id, Token));
        Assert.Empty(await _store.NodeExecutionsAsync(run.Id, 10, Token));
        Assert.Empty(await _store.NodeExecutionsAsync(sameRequest.Id, 10, Token));
        Assert.Equal(RunCreation.Created, await _store.CreateAsync(New() with { RequestKey = "once" }, [], Token));
    }

    [Fact]
    public async Task Unfinished_runs_of_a_graph_are_counted_through_their_own_index_when_nearly_all_runs_have_ended()
    {
        // While no run is unfinished, a partial index of unfinished runs that is read as a whole looks as cheap, and the plan is kept when thousands are.
        await fixture.Source.ExecuteAsync(
            """
            INSERT INTO runs (id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, created_at)
            SELECT id, $1, $2, 1, 'COMPLETED', '{}', '{}', id, now() FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 1000)) AS ids
            """,
            [fixture.NextUser(), fixture.NextId()],
            Token);
        await fixture.Source.ExecuteAsync("ANALYZE runs", [], Token);

        var plan = await fixture.Source.ListAsync(
            Plan.ByIndex,
            $"EXPLAIN SELECT count(*) FROM unnest(ARRAY['a'], ARRAY[gen_random_uuid()]) AS pair (u, g), LATERAL (SELECT FROM runs r WHERE r.user_id = u AND r.graph_id = g AND {FinalStatuses.UnfinishedOfGraph}) AS r",
            [],
            row => row.GetString(0),
            Token);

        Assert.Contains(plan, line => line.Contains("runs_unfinished_of_graph", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Simultaneous_creations_with_a_limit_store_as_many_as_it_allows()
    {
        var user = fixture.NextUser();
        var before = New() with { UserId = user };
        Assert.Equal(RunCreation.Created, await _store.CreateAsync(before, [], Token));
        var batches = Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, 3).Select(_ => Limited(user, 10)).Append(Limited(fixture.NextUser(), 10)).ToList()).ToList();

        var created = await Task.WhenAll(batches.Select(batch => _store.CreateManyAsync(batch, Token)));

        var ofUser = created.SelectMany((answers, i) => batches[i].SkipLast(1).Select(planned => answers[planned.Run.Id])).ToList();
        Assert.Equal((9, 27), (ofUser.Count(creation => creation == RunCreation.Created), ofUser.Count(creation => creation == RunCreation.Full)));
        Assert.All(created, (answers, i) => Assert.Equal(RunCreation.Created, answers[batches[i][^1].Run.Id]));
        Assert.Equal(10, (await _store.UnfinishedOfGraphAsync(user, before.GraphId, Token)).Count);
    }

    [Fact]
    public async Task Runs_that_are_stored_already_and_those_without_a_limit_are_not_refused_and_sub_agents_are_not_counted()
    {
        var user = fixture.NextUser();
        var first = Limited(user, 1);
        Assert.Equal(RunCreation.Created, await _store.CreateAsync(New() with { UserId = user, ParentRunId = fixture.NextId() }, [], Token));
        Assert.Equal(RunCreation.Created, (await _store.CreateManyAsync([first], Token))[first.Run.Id]);
        var (second, free) = (Limited(user, 1), Limited(user, 1) with { MostUnfinished = null });

        var created = await _store.CreateManyAsync([first, second, free], Token);

        Assert.Equal([RunCreation.Exists, RunCreation.Full, RunCreation.Created], new[] { first, second, free }.Select(planned => created[planned.Run.Id]));
        Assert.Null(await _store.FindAsync(second.Run.Id, Token));
        Assert.Empty(await _store.NodeExecutionsAsync(second.Run.Id, 10, Token));
    }

    private PlannedRun Limited(string user, int most)
    {
        var run = New() with { UserId = user };
        return new PlannedRun(run, [Node(run, 0)]) { MostUnfinished = most };
    }

    [Fact]
    public async Task Of_fifty_simultaneous_creations_one_wins()
    {
        var run = New();
        var created = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _store.CreateAsync(run, [Node(run, 0)], Token)));
        Assert.Single(created, RunCreation.Created);
    }

    [Fact]
    public async Task Only_runs_without_a_terminal_status_are_unfinished()
    {
        await using var harness = new LogHarness(fixture);
        var user = fixture.NextUser();
        var open = await harness.RunAsync(user);
        var ended = await harness.RunAsync(user);
        var stranger = await harness.RunAsync();
        await ended.AppendAsync(ended.Commit() with { Run = new RunChange { Status = "TERMINATED" } });

        var active = Assert.Single(await _store.ActiveOfUserAsync(user, Token));
        Assert.Equal((open.Id, user, "QUEUED", (Guid?)null), (active.Id, active.UserId, active.Status, active.ParentRunId));
        var unfinished = (await _store.UnfinishedAsync(Token)).Select(run => run.Id).ToList();
        Assert.Contains(open.Id, unfinished);
        Assert.Contains(stranger.Id, unfinished);
        Assert.DoesNotContain(ended.Id, unfinished);
    }

    [Fact]
    public async Task Outputs_come_in_the_order_of_the_log_with_their_nodes_and_by_block()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var one = run.Node() with { BlockId = "one" };
        var two = run.Node() with { BlockId = "two" };
        LogEvent Output(NodeRow node, int ordinal, string value) => run.Event("{}", new NodeOutputRow(node.Id, ordinal, "out", Text.Json(value)));
        await run.AppendAsync(run.Commit(Output(one, 0, "1.0"), Output(two, 0, "2"), run.Event("{}"), Output(one, 1, "3")) with { Nodes = [one, two] });

        var nodes = await _store.NodeExecutionsAsync(run.Id, 10, Token);
        Assert.Equal(["1.0,3", "2"], nodes.Select(node => Joined(node.Outputs)), StringComparer.Ordinal);
        Assert.Equal("1.0,2,3", Joined(await _store.OutputsAsync(run.Id, null, Token)));
        Assert.Equal("2", Joined(await _store.OutputsAsync(run.Id, ["two", "three"], Token)));
        var newest = Assert.Single(await _store.NodeExecutionsAsync(run.Id, 1, Token));
        Assert.Equal((two.Id, "2"), (newest.Row.Id, Joined(newest.Outputs)));
    }

    [Fact]
    public async Task A_deleted_run_is_kept_and_marked()
    {
        var run = New();
        await _store.CreateAsync(run, [], Token);
        Assert.False(await _store.DeleteAsync(run.Id, fixture.NextUser(), Token));
        Assert.True(await _store.DeleteAsync(run.Id, run.UserId, Token));
        Assert.False(await _store.DeleteAsync(run.Id, run.UserId, Token));
        Assert.True((await _store.FindAsync(run.Id, Token))!.Deleted);
    }

    private static string Joined(IEnumerable<NodeOutputRow> outputs) => string.Join(',', outputs.Select(output => Text.Of(output.Value)));

    private NewRun New()
    {
        var id = fixture.NextId();
        return new NewRun
        {
            Id = id,
            UserId = fixture.NextUser(),
            GraphId = DatabaseFixture.AnyGraph,
            GraphVersion = 1,
            Status = "INCOMPLETE",
            Inputs = Text.Json("{}"),
            Spec = Text.Json("[]"),
            RootRunId = id,
            CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
        };
    }

    private NodeRow Node(NewRun run, int ordinal) => new()
    {
        Id = fixture.NextId(),
        RunId = run.Id,
        Ordinal = ordinal,
        NodeId = "node",
        BlockId = "block",
        Status = "INCOMPLETE",
        AddedAt = run.CreatedAt,
    };
}
