using System.Diagnostics;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Grainflow.Storage.Tests.Execution;

public sealed class WriterLoopTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Fact]
    public async Task When_it_fails_every_append_fails_and_the_process_is_asked_to_end()
    {
        await using var harness = new LogHarness(fixture);
        var run = await harness.RunAsync();
        var options = new ExecutionLogOptions();
        var transport = new ScriptedTransport(new NpgsqlLogTransport(fixture.Source, options, new WriterLane()));
        var errors = new FatalErrors();
        // The loop fails where it pauses, outside of all that it expects to fail.
        await using var log = new ExecutionLog(
            fixture.Source, transport, options, new BrokenClock(), new LogTails(), NullLogger<ExecutionLog>.Instance, errors);
        var arrived = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        transport.Before(async () =>
        {
            arrived.SetResult();
            await proceed.Task;
            throw new NpgsqlException("reset");
        });

        var written = log.Append(run.Commit(), LogHarness.Token);
        await arrived.Task;
        var waiting = log.Append(run.Commit() with { ExpectedSequence = 1 }, LogHarness.Token);
        proceed.SetResult();

        foreach (var append in new[] { written, waiting })
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => append.Committed.WaitAsync(LogHarness.Token));
            Assert.IsType<BrokenClock.BrokenException>(error.InnerException);
        }

        Assert.IsType<BrokenClock.BrokenException>(await errors.First.Task.WaitAsync(LogHarness.Token));
        Assert.Throws<InvalidOperationException>(() => log.Append(run.Commit(), LogHarness.Token));
    }

    [Fact]
    public async Task It_does_not_belong_to_the_trace_of_whoever_asked_for_the_log_first()
    {
        var seen = new TaskCompletionSource<Activity?>();
        using var activity = new Activity("a start of a run").Start();
        ScriptedTransport? transport = null;
        await using var harness = new LogHarness(fixture, inner => transport = new ScriptedTransport(inner));
        var run = await harness.RunAsync();
        transport!.Before(() =>
        {
            seen.SetResult(Activity.Current);
            return Task.CompletedTask;
        });

        await run.AppendAsync();

        Assert.Null(await seen.Task);
    }

    private sealed class FatalErrors : IFatalErrors
    {
        public TaskCompletionSource<Exception> First { get; } = new();

        public void Report(string part, Exception error) => First.TrySetResult(error);
    }

    private sealed class BrokenClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => throw new BrokenException();

        public sealed class BrokenException : Exception;
    }
}
