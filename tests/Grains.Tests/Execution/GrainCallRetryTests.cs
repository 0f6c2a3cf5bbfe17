using Grainflow.Grains.Execution;
using Grainflow.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.Grains.Tests.Execution;

/// <summary>Which calls are repeated, and when they are given up.</summary>
public sealed class GrainCallRetryTests
{
    private readonly ManualClock _clock = new();
    private readonly GrainCallRetry _calls;
    private int _made;

    public GrainCallRetryTests() => _calls = new GrainCallRetry(_clock, NullLogger<GrainCallRetry>.Instance);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_call_without_an_answer_is_repeated_also_when_it_was_cancelled_by_somebody_else(bool bounded, bool cancelled)
    {
        using var source = new CancellationTokenSource();
        var call = MakeAsync(bounded, () => ++_made < 4 ? throw (cancelled ? new OperationCanceledException("The directory did not answer in time.") : new TimeoutException()) : Task.FromResult(_made), source.Token);

        Assert.Equal(4, await AdvancedAsync(call));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_gives_up_gets_its_cancellation_and_no_further_call_is_made(bool bounded)
    {
        using var source = new CancellationTokenSource();
        var call = MakeAsync(
            bounded,
            async () =>
            {
                _made++;
                await source.CancelAsync();
                throw new OperationCanceledException(source.Token);
            },
            source.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(1, _made);
    }

    [Fact]
    public async Task A_bounded_call_ends_with_the_last_exception()
    {
        var call = MakeAsync(bounded: true, () => throw new TimeoutException($"attempt {++_made}"), CancellationToken.None);

        Assert.Equal("attempt 51", (await Assert.ThrowsAsync<TimeoutException>(() => AdvancedAsync(call))).Message);
    }

    private async Task<int> MakeAsync(bool bounded, Func<Task<int>> call, CancellationToken cancellationToken) =>
        bounded ? await _calls.BoundedAsync(call, cancellationToken) : await _calls.ForEverAsync(call, cancellationToken);

    /// <summary>The result of a call, for whose pauses the clock moves on.</summary>
    private async Task<int> AdvancedAsync(Task<int> call)
    {
        while (!call.IsCompleted)
        {
            await Task.WhenAny(call, _clock.WaitForTimerAsync(TestContext.Current.CancellationToken));
            if (!call.IsCompleted) _clock.Advance(TimeSpan.FromSeconds(10));
        }

        return await call;
    }
}
