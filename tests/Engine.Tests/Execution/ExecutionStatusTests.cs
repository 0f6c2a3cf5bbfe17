using Grainflow.Engine.Execution;
using Grainflow.Engine.Tests.Graphs;
using static Grainflow.Engine.Execution.ExecutionStatus;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics 2.1, with decision 8: TERMINATED is final too.</summary>
public sealed class ExecutionStatusTests
{
    private static readonly Dictionary<ExecutionStatus, ExecutionStatus[]> AllowedFrom = new()
    {
        [Incomplete] = [],
        [Queued] = [Incomplete, Review],
        [Running] = [Incomplete, Queued, Review],
        [Completed] = [Running],
        [Failed] = [Incomplete, Queued, Running, Review],
        [Terminated] = [Incomplete, Queued, Running, Review],
        [Review] = [Running],
    };

    [Fact]
    public void Every_change_of_status_is_allowed_as_the_table_says()
    {
        foreach (var from in Enum.GetValues<ExecutionStatus>())
            foreach (var to in Enum.GetValues<ExecutionStatus>())
                Assert.True(AllowedFrom[to].Contains(from) == from.MayBecome(to), $"{from.Name()} to {to.Name()}");
    }

    [Fact]
    public void Completed_failed_and_terminated_are_final_and_become_nothing_else()
    {
        Assert.Equal([Completed, Terminated, Failed], Enum.GetValues<ExecutionStatus>().Where(status => status.IsFinal()));
        Assert.All([Completed, Terminated, Failed], final => Assert.DoesNotContain(Enum.GetValues<ExecutionStatus>(), to => final.MayBecome(to)));
    }

    [Fact]
    public void Names_are_those_of_the_contract()
    {
        Assert.Equal(["INCOMPLETE", "QUEUED", "RUNNING", "COMPLETED", "TERMINATED", "FAILED", "REVIEW"], Enum.GetValues<ExecutionStatus>().Select(status => status.Name()));
        Assert.All(Enum.GetValues<ExecutionStatus>(), status => Assert.Equal(status, ExecutionStatuses.Parse(status.Name())));
        Assert.Throws<FormatException>(() => ExecutionStatuses.Parse("completed"));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((ExecutionStatus)99).Name());
    }

    [Theory]
    [InlineData(Completed)]
    [InlineData(Failed)]
    [InlineData(Terminated)]
    public void A_run_that_has_ended_stays_as_it_is(ExecutionStatus final)
    {
        var run = new TestRun(new GraphBuilder().Node("p", FakeBlocks.Step)).Start();
        if (final == Completed) run.Complete("p");
        else
        {
            run.Apply(at => new RunEvent.StopRequested(at, final, "reason"));
            run.End(run.InFlight("p"), TestRun.Ended(Terminated));
        }

        Assert.Equal(final, run.Run.Status);
        var node = Assert.Single(run.Executions);

        Assert.Throws<InvalidOperationException>(() => run.Apply(at => new RunEvent.Started(at)));
        foreach (var to in Enum.GetValues<ExecutionStatus>())
            Assert.Throws<InvalidOperationException>(() => run.Apply(at => new RunEvent.Ended(at, to, "again")));
        Assert.Throws<InvalidOperationException>(() => run.Apply(at => new RunEvent.NodeEnded(at, node.Id, 1, Failed, "again", 0, OutOfCredits: false, NodeStats.None)));
        run.Apply(at => new RunEvent.StopRequested(at, Terminated, "again"));

        Assert.Empty(run.Decide());
        Assert.Empty(run.TakeOver("host-2", TestRun.Host));
        Assert.False(run.Report(new NodeReport(node.Id, 1, 0, TestRun.Outputs("out=1"), TestRun.Ended(Failed, "again"))).Accepted);
        Assert.Equal(final, run.Run.Status);
        Assert.NotEqual("again", run.Run.Error);
    }
}
