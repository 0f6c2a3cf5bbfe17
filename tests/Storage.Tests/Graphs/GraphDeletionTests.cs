using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Reviews;
using Grainflow.Storage.Tests.Execution;

namespace Grainflow.Storage.Tests.Graphs;

/// <summary>A deleted graph is out of sight of its user at once, and kept for its runs until they have ended.</summary>
public class GraphDeletionTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly GraphStore _graphs = new(fixture.Source);
    private readonly RunStore _runs = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_found_for_their_runs_alone()
    {
        var graph = await InsertAsync(Graph() with { IsActive = true, Model = null });
        var key = new GraphKey(graph.Id, 1);
        Assert.True(await _graphs.ExistsAsync(key, Token));

        Assert.Equal(1, await _graphs.DeleteAsync(graph.Id, graph.UserId, Start.AddHours(1), Token));

        Assert.Equal(Start.AddHours(1), (await _graphs.FindForRunAsync(key, Token))!.DeletedAt);
        Assert.Equal([graph.Id], await _graphs.DeletedAsync([graph.Id, fixture.NextId()], Token));
        Assert.False(await _graphs.ExistsAsync(key, Token));
        Assert.Null(await _graphs.FindAsync(graph.Id, 1, Token));
        Assert.Null(await _graphs.FindAsync(graph.Id, null, Token));
        Assert.Empty(await _graphs.FindManyAsync([key], Token));
        Assert.Empty(await _graphs.VersionsAsync(graph.Id, 10, Token));
        Assert.Empty(await _graphs.ActiveOfUserAsync(graph.UserId, 10, Token));
        Assert.DoesNotContain(key, await _graphs.WithoutModelAsync(1000, Token));
        Assert.False(await _graphs.SetActiveAsync(graph.Id, 1, graph.UserId, Token));
        Assert.Equal(0, await _graphs.DeleteAsync(graph.Id, graph.UserId, Start, Token));
    }

    [Fact]
    public async Task Their_ids_are_not_used_again()
    {
        var graph = await InsertAsync(Graph());
        await _graphs.DeleteAsync(graph.Id, graph.UserId, Start, Token);

        Assert.False(await _graphs.InsertAsync([graph], Token));
        Assert.False(await _graphs.InsertAsync([Graph(), graph with { Version = 2 }], Token));
        Assert.Null(await _graphs.FindAsync(graph.Id, null, Token));
    }

    [Fact]
    public async Task No_run_of_them_is_created()
    {
        var graph = await InsertAsync(Graph());
        var first = Run(graph);
        Assert.Equal(RunCreation.Created, await _runs.CreateAsync(first, [], Token));
        await _graphs.DeleteAsync(graph.Id, graph.UserId, Start, Token);

        Assert.Equal(RunCreation.GraphNotFound, await _runs.CreateAsync(Run(graph), [], Token));
        Assert.Equal(RunCreation.GraphNotFound, await _runs.CreateAsync(Run(Graph()), [], Token));
        Assert.Equal([first.Id], await _runs.UnfinishedOfGraphAsync(graph.UserId, graph.Id, Token));
    }

    [Fact]
    public async Task A_run_is_found_after_the_deletion_or_was_not_created()
    {
        var created = 0;
        for (var i = 0; i < 50; i++)
        {
            var graph = await InsertAsync(Graph());
            var creations = Enumerable.Range(0, 4).Select(_ => _runs.CreateAsync(Run(graph), [], Token)).ToList();
            await _graphs.DeleteAsync(graph.Id, graph.UserId, Start, Token);
            var found = await _runs.UnfinishedOfGraphAsync(graph.UserId, graph.Id, Token);

            var expected = (await Task.WhenAll(creations)).Count(creation => creation == RunCreation.Created);
            Assert.Equal(expected, found.Count);
            created += expected;
        }

        Assert.InRange(created, 0, 200);
    }

    [Fact]
    public async Task A_creation_waits_for_a_deletion_that_is_under_way_and_then_finds_no_graph()
    {
        var graph = await InsertAsync(Graph());
        await InsertAsync(graph with { Version = 2 });
        await using var connection = await fixture.Database.DataSource.OpenConnectionAsync(Token);
        await using var holder = await connection.BeginTransactionAsync(Token);
        await connection.ExecuteAsync("SELECT FROM graphs WHERE id = $1 AND version = 2 FOR KEY SHARE", [graph.Id], Token);

        // It has the first version and waits for the second.
        var deletion = _graphs.DeleteAsync(graph.Id, graph.UserId, Start, Token);
        await UntilWaitingAsync(1);
        var creation = _runs.CreateAsync(Run(graph), [], Token);
        await UntilWaitingAsync(2);
        await holder.CommitAsync(Token);

        Assert.Equal(2, await deletion);
        Assert.Equal(RunCreation.GraphNotFound, await creation);
    }

    [Fact]
    public async Task A_version_that_is_inserted_while_the_graph_is_deleted_is_deleted_or_refused()
    {
        for (var i = 0; i < 50; i++)
        {
            var graph = await InsertAsync(Graph());
            var insertion = _graphs.InsertAsync([graph with { Version = 2 }], Token);
            var deleted = await _graphs.DeleteAsync(graph.Id, graph.UserId, Start, Token);

            Assert.Equal(await insertion ? 2 : 1, deleted);
            Assert.Null(await _graphs.FindAsync(graph.Id, null, Token));
        }
    }

    [Fact]
    public async Task They_are_removed_when_no_run_needs_them_any_more()
    {
        await using var harness = new LogHarness(fixture);
        var (unused, used, living) = (await InsertAsync(Graph()), await InsertAsync(Graph()), await InsertAsync(Graph()));
        await InsertAsync(used with { Version = 2 });
        var ofChild = await InsertAsync(Graph() with { UserId = used.UserId });
        var parent = Run(used);
        var child = Run(ofChild) with { ParentRunId = parent.Id, Status = "TERMINATED" };
        foreach (var run in new[] { parent, child }) Assert.Equal(RunCreation.Created, await _runs.CreateAsync(run, [], Token));
        foreach (var graph in new[] { unused, used, ofChild }) await _graphs.DeleteAsync(graph.Id, graph.UserId, Start, Token);

        await _graphs.CollectDeletedAsync(Token);

        Assert.Null(await KeptAsync(unused, 1));
        Assert.NotNull(await KeptAsync(used, 1));
        // No run uses this version.
        Assert.Null(await KeptAsync(used, 2));
        // Its only run has ended, but the run that started it still reads what came of it.
        Assert.NotNull(await KeptAsync(ofChild, 1));
        Assert.NotNull(await KeptAsync(living, 1));

        var writer = new TestRun(harness, parent.Id, parent.UserId);
        await writer.OpenAsync();
        await writer.AppendAsync(writer.Commit() with { Run = new RunChange { Status = "TERMINATED" } });
        Assert.Equal(2, await _graphs.CollectDeletedAsync(Token));

        Assert.Null(await KeptAsync(used, 1));
        Assert.Null(await KeptAsync(ofChild, 1));
        Assert.True(await _graphs.InsertAsync([used], Token));
    }

    [Fact]
    public async Task The_settings_of_a_graph_are_removed_with_it_and_those_of_others_stay()
    {
        IGraphSettingsStore settings = new ReviewStore(fixture.Source);
        var (deleted, living) = (await InsertAsync(Graph()), await InsertAsync(Graph()));
        var asked = new GraphSafety(ReviewsHumanInTheLoop: false, ReviewsSensitiveActions: true);
        foreach (var graph in new[] { deleted, living }) await settings.SetAsync(graph.Id, asked, Token);

        await _graphs.DeleteAsync(deleted.Id, deleted.UserId, Start, Token);
        await _graphs.CollectDeletedAsync(Token);

        Assert.Equal(new GraphSafety(), await settings.FindAsync(deleted.Id, Token));
        Assert.Equal(asked, await settings.FindAsync(living.Id, Token));
    }

    private Task<GraphRow?> KeptAsync(GraphRow graph, int version) => _graphs.FindForRunAsync(new GraphKey(graph.Id, version), Token);

    private async Task UntilWaitingAsync(int sessions)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await fixture.Source.ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") < sessions)
            limit.Token.ThrowIfCancellationRequested();
    }

    private async Task<GraphRow> InsertAsync(GraphRow graph)
    {
        Assert.True(await _graphs.InsertAsync([graph], Token));
        return graph;
    }

    private GraphRow Graph() => new()
    {
        Id = fixture.NextId(),
        Version = 1,
        UserId = fixture.NextUser(),
        Name = "name",
        Document = Text.Json("{}"),
        CreatedAt = Start,
    };

    private NewRun Run(GraphRow graph)
    {
        var id = fixture.NextId();
        return new NewRun
        {
            Id = id,
            UserId = graph.UserId,
            GraphId = graph.Id,
            GraphVersion = graph.Version,
            Status = "QUEUED",
            Inputs = Text.Json("{}"),
            Spec = Text.Json("{}"),
            RootRunId = id,
            CreatedAt = Start,
        };
    }
}
