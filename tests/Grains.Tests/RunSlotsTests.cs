using System.Threading.Channels;
using Grainflow.Grains.Execution;

namespace Grainflow.Grains.Tests;

/// <summary>Decision 31: the places of a silo for runs.</summary>
public sealed class RunSlotsTests
{
    private readonly Channel<(Guid Run, TaskCompletionSource Answered)> _asked = Channel.CreateUnbounded<(Guid Run, TaskCompletionSource Answered)>();
    private bool _closed;

    [Fact]
    public async Task A_run_without_a_place_is_asked_when_one_becomes_free()
    {
        var slots = Slots(1);
        Assert.True(slots.TryTake(Id(1), "a", this));
        Assert.False(slots.TryTake(Id(2), "a", this));
        Assert.Equal((1, 1), (slots.Taken, slots.Waiting));

        slots.Release(Id(1), this);

        Assert.Equal(Id(2), await TakenAsync(slots, "a"));
        Assert.Equal((1, 0), (slots.Taken, slots.Waiting));
    }

    [Fact]
    public async Task Waiting_users_get_places_in_turn_however_many_runs_one_of_them_has()
    {
        var slots = Slots(1);
        Assert.True(slots.TryTake(Id(0), "a", this));
        for (var i = 1; i <= 10_000; i++) slots.TryTake(Id(i), "a", this);
        slots.TryTake(Id(20_001), "b", this);
        slots.TryTake(Id(20_002), "b", this);

        var order = new List<Guid>();
        for (var last = Id(0); order.Count < 5; order.Add(last))
        {
            slots.Release(last, this);
            last = await TakenAsync(slots, "");
        }

        Assert.Equal([Id(1), Id(20_001), Id(2), Id(20_002), Id(3)], order);
    }

    [Fact]
    public async Task A_place_that_a_run_does_not_take_goes_to_the_next()
    {
        var slots = Slots(1);
        slots.TryTake(Id(1), "a", this);
        slots.TryTake(Id(2), "b", this);
        slots.TryTake(Id(3), "c", this);

        slots.Release(Id(1), this);
        var (elsewhere, answered) = await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        answered.SetResult();

        Assert.Equal(Id(2), elsewhere);
        Assert.Equal(Id(3), await TakenAsync(slots, "c"));
    }

    [Fact]
    public async Task A_call_that_fails_gives_the_place_to_the_next()
    {
        var slots = Slots(1);
        slots.TryTake(Id(1), "a", this);
        slots.TryTake(Id(2), "b", this);
        slots.TryTake(Id(3), "c", this);

        slots.Release(Id(1), this);
        (await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken)).Answered.SetCanceled(TestContext.Current.CancellationToken);

        Assert.Equal(Id(3), await TakenAsync(slots, "c"));
    }

    [Fact]
    public async Task A_run_that_has_ended_while_it_waited_is_passed_over()
    {
        var slots = Slots(1);
        slots.TryTake(Id(1), "a", this);
        slots.TryTake(Id(2), "b", this);
        slots.TryTake(Id(3), "c", this);

        slots.RemoveWaiting(Id(2));
        slots.Release(Id(1), this);

        Assert.Equal(Id(3), await TakenAsync(slots, "c"));
    }

    [Fact]
    public void An_earlier_activation_does_not_give_back_the_place_of_a_later_one()
    {
        var (slots, earlier, later) = (Slots(1), new object(), new object());
        slots.TryTake(Id(1), "a", earlier);
        slots.Take(Id(1), later);

        slots.Release(Id(1), earlier);
        Assert.Equal(1, slots.Taken);
        slots.Release(Id(1), later);

        Assert.Equal(0, slots.Taken);
    }

    [Fact]
    public async Task Runs_under_way_that_come_from_another_silo_have_a_place_even_beyond_the_limit()
    {
        var slots = Slots(1);
        slots.Take(Id(1), this);
        slots.Take(Id(2), this);
        Assert.False(slots.TryTake(Id(3), "a", this));
        Assert.Equal(2, slots.Taken);

        slots.Release(Id(1), this);
        Assert.Equal(1, slots.Waiting);
        slots.Release(Id(2), this);

        Assert.Equal(Id(3), await TakenAsync(slots, "a"));
    }

    [Fact]
    public void A_silo_that_drains_gives_no_place_away()
    {
        var slots = Slots(1);
        slots.TryTake(Id(1), "a", this);
        slots.TryTake(Id(2), "a", this);

        _closed = true;
        slots.Release(Id(1), this);

        Assert.False(slots.TryTake(Id(3), "b", this));
        Assert.Equal((0, 2), (slots.Taken, slots.Waiting));
        Assert.False(_asked.Reader.TryRead(out _));
    }

    private static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private RunSlots Slots(int count) => new(count, () => _closed, run =>
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Writer.TryWrite((run, answered));
        return answered.Task;
    });

    /// <summary>The next run that is asked to take a place; it takes it.</summary>
    private async Task<Guid> TakenAsync(RunSlots slots, string user)
    {
        var (run, answered) = await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(slots.TryTake(run, user, this));
        answered.SetResult();
        return run;
    }
}
