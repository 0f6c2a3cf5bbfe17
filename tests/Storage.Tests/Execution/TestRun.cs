using Grainflow.Storage.Execution;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>One writer's view of a run, as the run grain has it: an epoch and the sequence it expects.</summary>
internal sealed class TestRun(LogHarness harness, Guid id, string user)
{
    private int _nodes;

    public Guid Id => id;

    public string User => user;

    public long Epoch { get; set; }

    public long Sequence { get; set; }

    public NewRun New() => new()
    {
        Id = id,
        UserId = user,
        GraphId = DatabaseFixture.AnyGraph,
        GraphVersion = 1,
        Status = "QUEUED",
        Inputs = Text.Json("{}"),
        Spec = Text.Json("{}"),
        RootRunId = id,
        CreatedAt = harness.Clock.GetUtcNow(),
    };

    /// <summary>The same run as seen by another writer, which has not opened it.</summary>
    public TestRun SeenBy(LogHarness other) => new(other, id, user);

    public async Task<RunHead?> OpenAsync(string? host = null)
    {
        var head = await harness.Log.OpenAsync(id, host, LogHarness.Token);
        Epoch = head?.Epoch ?? 0;
        Sequence = head?.LastSequence ?? 0;
        return head;
    }

    public RunCommit Commit(params LogEvent[] events) => new()
    {
        RunId = id,
        UserId = user,
        Epoch = Epoch,
        ExpectedSequence = Sequence,
        Events = events.Length > 0 ? events : [Event("{}")],
        At = harness.Clock.GetUtcNow(),
    };

    public LogEvent Event(string body, NodeOutputRow? output = null) =>
        new() { Kind = "test", At = harness.Clock.GetUtcNow(), Body = Text.Json(body), Output = output };

    public NodeRow Node(string status = "QUEUED") => new()
    {
        Id = harness.NextId(),
        RunId = id,
        Ordinal = _nodes++,
        NodeId = "node",
        BlockId = "block",
        Status = status,
        AddedAt = harness.Clock.GetUtcNow(),
    };

    /// <summary>A commit that dispatches so many nodes, all of them counted.</summary>
    public RunCommit Dispatch(int count)
    {
        var nodes = Enumerable.Range(0, count).Select(_ => Node()).ToList();
        return Commit() with { Nodes = nodes, CountedDispatches = [.. nodes.Select(node => node.Id)] };
    }

    /// <summary>Appends, and expects what follows; several may be under way.</summary>
    public Task<CommitResult> AppendAsync(RunCommit? commit = null, CancellationToken? token = null) => Send(commit ?? Commit(), token).Committed;

    /// <inheritdoc cref="AppendAsync"/>
    public LogAppend Send(RunCommit commit, CancellationToken? token = null)
    {
        Sequence = commit.ExpectedSequence + commit.Events.Count;
        return harness.Log.Append(commit, token ?? LogHarness.Token);
    }
}
