using Grainflow.Grains.Execution;

namespace Grainflow.Grains.Tests;

/// <summary>Decision 24: the order of one user's runs within the limits.</summary>
public sealed class UserQueueTests
{
    private static readonly Guid One = Id(101);
    private static readonly Guid Two = Id(102);

    [Fact]
    public void Runs_are_admitted_in_their_order()
    {
        var queue = new UserQueue(perUser: 10, perGraph: 10);
        for (var i = 0; i < 3; i++) queue.AddWaiting(Id(i), One);

        Assert.Equal([Id(0), Id(1), Id(2)], Admitted(queue));
        Assert.False(queue.HasWaiting);
    }

    [Fact]
    public void A_graph_at_its_limit_is_passed_over_and_its_runs_keep_their_places()
    {
        var queue = new UserQueue(perUser: 10, perGraph: 1);
        foreach (var (run, graph) in new[] { (0, One), (1, One), (2, Two), (3, One), (4, Two) }) queue.AddWaiting(Id(run), graph);

        Assert.Equal([Id(0), Id(2)], Admitted(queue));
        queue.Remove(Id(2));
        Assert.Equal([Id(4)], Admitted(queue));
        queue.Remove(Id(0));
        Assert.Equal([Id(1)], Admitted(queue));
    }

    [Fact]
    public void The_limit_of_the_user_holds_over_all_graphs()
    {
        var queue = new UserQueue(perUser: 2, perGraph: 2);
        queue.AddAdmitted(Id(0), One);
        queue.AddWaiting(Id(1), Two);
        queue.AddWaiting(Id(2), One);

        Assert.Equal([Id(1)], Admitted(queue));
        queue.Remove(Id(0));
        Assert.Equal([Id(2)], Admitted(queue));
    }

    [Fact]
    public void Runs_that_were_admitted_beyond_a_limit_keep_others_waiting_until_they_are_below_it()
    {
        var queue = new UserQueue(perUser: 10, perGraph: 1);
        queue.AddAdmitted(Id(0), One);
        queue.AddAdmitted(Id(1), One);
        queue.AddWaiting(Id(2), One);

        queue.Remove(Id(0));
        Assert.Empty(Admitted(queue));
        queue.Remove(Id(1));
        Assert.Equal([Id(2)], Admitted(queue));
    }

    [Fact]
    public void A_run_that_waits_is_removed_from_its_place()
    {
        var queue = new UserQueue(perUser: 1, perGraph: 1);
        for (var i = 0; i < 4; i++) queue.AddWaiting(Id(i), One);

        queue.Remove(Id(0));
        queue.Remove(Id(2));
        queue.Remove(Id(9));

        Assert.Equal([Id(1)], Admitted(queue));
        queue.Remove(Id(1));
        Assert.Equal([Id(3)], Admitted(queue));
    }

    [Fact]
    public void Adding_a_run_again_changes_nothing()
    {
        var queue = new UserQueue(perUser: 10, perGraph: 1);
        queue.AddAdmitted(Id(0), One);
        queue.AddAdmitted(Id(0), One);
        queue.AddWaiting(Id(1), One);
        queue.AddWaiting(Id(1), One);
        queue.Remove(Id(0));

        Assert.Equal([Id(1)], Admitted(queue));
        Assert.False(queue.HasWaiting);
    }

    [Fact]
    public void Paced_runs_wait_for_their_own_limit_and_let_others_pass()
    {
        var queue = new UserQueue(perUser: 10, perGraph: 10, paced: 2);
        for (var i = 0; i < 4; i++) queue.AddWaiting(Id(i), One, isPaced: true);
        queue.AddWaiting(Id(4), One);
        queue.AddWaiting(Id(5), Two);

        Assert.Equal([Id(0), Id(1), Id(4), Id(5)], Admitted(queue));
        Assert.True(queue.HasPacedWaiting);
        queue.Remove(Id(4));
        Assert.Empty(Admitted(queue));
        queue.Remove(Id(0));
        Assert.Equal([Id(2)], Admitted(queue));
        queue.Remove(Id(3));
        Assert.False(queue.HasPacedWaiting);
    }

    [Fact]
    public void Paced_runs_wait_while_none_may_start()
    {
        var queue = new UserQueue(perUser: 10, perGraph: 10);
        queue.AddWaiting(Id(0), One, isPaced: true);
        queue.AddWaiting(Id(1), One);

        Assert.Equal([Id(1)], Admitted(queue, mayPaced: false));
        Assert.Equal([Id(0)], Admitted(queue));
    }

    [Fact]
    public void Paced_runs_count_within_the_limits_of_their_graph_and_user()
    {
        var queue = new UserQueue(perUser: 3, perGraph: 2, paced: 5);
        queue.AddAdmitted(Id(0), One, isPaced: true);
        foreach (var (run, graph, paced) in new[] { (1, One, false), (2, One, true), (3, Two, true), (4, Two, false) }) queue.AddWaiting(Id(run), graph, paced);

        Assert.Equal([Id(1), Id(3)], Admitted(queue));
        queue.Remove(Id(0));
        Assert.Equal([Id(2)], Admitted(queue));
    }

    /// <summary>The same as a list that is searched from its start, for random runs, graphs and ends.</summary>
    [Fact]
    public void It_admits_what_a_search_from_the_oldest_run_finds()
    {
        var random = new Random(17);
        var (queue, waiting, running) = (new UserQueue(perUser: 5, perGraph: 2, paced: 2), new List<(Guid Run, Guid Graph, bool IsPaced)>(), new Dictionary<Guid, (Guid Graph, bool IsPaced)>());
        for (var i = 0; i < 2000; i++)
        {
            if (random.Next(2) == 0 || running.Count + waiting.Count == 0)
            {
                var (run, graph, isPaced) = (Id(i), Id(200 + random.Next(4)), random.Next(2) == 0);
                queue.AddWaiting(run, graph, isPaced);
                waiting.Add((run, graph, isPaced));
            }
            else
            {
                var ended = running.Keys.Concat(waiting.Select(item => item.Run)).ElementAt(random.Next(running.Count + waiting.Count));
                queue.Remove(ended);
                running.Remove(ended);
                waiting.RemoveAll(item => item.Run == ended);
            }

            var expected = new List<Guid>();
            foreach (var item in waiting.ToList())
            {
                if (running.Count == 5) break;
                if (running.Values.Count(other => other.Graph == item.Graph) == 2 || (item.IsPaced && running.Values.Count(other => other.IsPaced) == 2)) continue;
                running.Add(item.Run, (item.Graph, item.IsPaced));
                waiting.Remove(item);
                expected.Add(item.Run);
            }

            Assert.Equal(expected, Admitted(queue));
            Assert.Equal(waiting.Any(item => item.IsPaced), queue.HasPacedWaiting);
        }
    }

    private static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private static List<Guid> Admitted(UserQueue queue, bool mayPaced = true)
    {
        var admitted = new List<Guid>();
        while (queue.TryAdmit(mayPaced, out var run, out _)) admitted.Add(run);
        return admitted;
    }
}
