using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;

namespace Orleans.Embedded.Tests;

public sealed class CallTests
{
    [Fact]
    public async Task A_call_returns_what_the_grain_returns_for_every_kind_of_task()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ICallGrain>();

        Assert.Equal("hello", await grain.Echo("hello"));
        Assert.Equal(5, await grain.Add(2, 3));
        await grain.Note("noted");
        await grain.NoteQuietly("noted quietly");
        Assert.Equal(["noted", "noted quietly"], silo.Probe.Events);
    }

    [Fact]
    public async Task Arguments_and_results_cross_by_reference()
    {
        await using var silo = await TestSilo.StartAsync();
        var value = new object();

        Assert.Same(value, await silo.Grain<ICallGrain>().SameObject(value));
    }

    [Fact]
    public async Task A_call_never_runs_in_the_stack_of_its_caller()
    {
        await using var silo = await TestSilo.StartAsync();

        var stack = await silo.Grain<ICallGrain>().Stack();

        Assert.DoesNotContain(nameof(A_call_never_runs_in_the_stack_of_its_caller), stack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Async_locals_of_the_caller_do_not_reach_the_grain()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ICallGrain>();
        CallGrain.Ambient.Value = "caller";

        Assert.Null(await grain.AmbientValue());
        Assert.Null(await grain.AmbientValue());
    }

    [Fact]
    public async Task Code_after_an_await_comes_back_to_the_activation()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.True(await silo.Grain<ICallGrain>().ComesBackAfterAwait());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_reaches_the_caller_with_its_type_and_message(bool atOnce)
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ICallGrain>();

        var exception = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => atOnce ? grain.ThrowAtOnce("no such zone") : grain.Throw("no such zone"));

        Assert.Equal("no such zone", exception.Message);
        Assert.Equal("alive", await grain.Echo("alive"));
    }

    [Fact]
    public async Task A_method_that_returns_null_instead_of_a_task_fails_the_call()
    {
        await using var silo = await TestSilo.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Grain<ICallGrain>().NullTask());
    }

    [Fact]
    public async Task A_failure_that_nobody_awaits_is_not_an_unobserved_exception()
    {
        var unobserved = 0;
        void Count(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            if (args.Exception.ToString().Contains("forgotten", StringComparison.Ordinal)) Interlocked.Increment(ref unobserved);
        }

        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            await using (var silo = await TestSilo.StartAsync())
            {
                var grain = silo.Grain<ICallGrain>();
                _ = grain.Throw("forgotten");
                _ = grain.ThrowAtOnce("forgotten");
                await grain.Echo("after");
                await grain.Echo("after");
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Equal(0, unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }
    }

    [Fact]
    public async Task A_call_that_is_not_answered_in_time_fails_its_caller_while_the_grain_goes_on()
    {
        await using var silo = await TestSilo.StartAsync();
        var call = silo.Grain<ICallGrain>().Hold("long");
        await silo.Probe.Opened("long started");

        silo.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        silo.Clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        silo.Probe.Open("long");
        await silo.Probe.Opened("long ended");
    }

    [Fact]
    public async Task The_timeout_of_a_method_comes_from_its_attribute()
    {
        await using var silo = await TestSilo.StartAsync();
        var call = silo.Grain<ICallGrain>().HoldBriefly("brief");
        await silo.Probe.Opened("brief started");

        silo.Clock.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        silo.Probe.Open("brief");
    }

    [Fact]
    public async Task A_call_that_timed_out_in_the_queue_is_never_run()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ICallGrain>();
        var first = grain.Hold("first");
        await silo.Probe.Opened("first started");
        var second = grain.Note("second");

        silo.Clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<TimeoutException>(() => second);
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        silo.Probe.Open("first");
        await grain.Note("third");

        Assert.False(silo.Probe.Has("second"));
    }

    [Fact]
    public async Task A_grain_that_calls_itself_waits_for_itself_until_the_timeout()
    {
        await using var silo = await TestSilo.StartAsync();
        var call = silo.Grain<ICallGrain>().SelfCall();

        // The inner call is registered in a turn of the grain; a second grain's answer orders the test behind it.
        while (!call.IsCompleted)
        {
            await silo.Grain<ICallGrain>("other").Echo("tick");
            silo.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }
}
