using Grainflow.Grains.Interfaces.Users;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Users;

/// <summary>
/// Counts the runs that this silo starts, for the onboarding of their users (contract: semantics 2.2 step 9, 5.2 "Onboarding"). Each user's are told to the user's grain
/// a second after the first of them, in one call for all. The count is best effort: that of a second is lost when the process ends in it or the call fails.
/// </summary>
internal sealed partial class RunCounter(IGrainFactory grains, IOptions<GrainflowOptions> options, TimeProvider clock, ILogger<RunCounter> logger) : IDisposable
{
    /// <summary>How long runs are collected.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private const int MaxParallelCalls = 8;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Dictionary<string, StartedRuns> _started = new(StringComparer.Ordinal);

    /// <summary>Counts runs that were stored just now, those of sub-agents too. Those of a scenario are no runs of a user.</summary>
    /// <param name="userId">Their user.</param>
    /// <param name="runs">How many.</param>
    public void Started(string userId, int runs = 1) => Add(userId, runs, byWebhook: false);

    /// <summary>Notes that a webhook has triggered presets of a user, whatever becomes of their runs.</summary>
    /// <param name="userId">The user.</param>
    public void Triggered(string userId) => Add(userId, runs: 0, byWebhook: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private void Add(string userId, int runs, bool byWebhook)
    {
        if (options.Value.Scripted || _stopping.IsCancellationRequested) return;
        var now = clock.GetUtcNow();
        bool first;
        lock (_gate)
        {
            first = _started.Count == 0;
            var known = _started.GetValueOrDefault(userId) ?? new StartedRuns { Count = 0, FirstAt = now, LastAt = now };
            known = known with { Count = known.Count + runs, ByWebhook = known.ByWebhook || byWebhook };
            // A trigger is no run, and has no part in its days.
            if (runs > 0) known = known with { FirstAt = known.Count == runs ? now : known.FirstAt, LastAt = now };
            _started[userId] = known;
        }

        if (!first) return;
        // Outside the turn of the run and without its async locals.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(TellAsync);
    }

    private async Task TellAsync()
    {
        try
        {
            await Task.Delay(Delay, clock, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The process is stopping.
            return;
        }

        Dictionary<string, StartedRuns> started;
        lock (_gate) (started, _started) = (_started, new Dictionary<string, StartedRuns>(StringComparer.Ordinal));
        await Parallel.ForEachAsync(started, new ParallelOptions { MaxDegreeOfParallelism = MaxParallelCalls }, async (user, _) =>
        {
            try
            {
                await grains.GetGrain<IOnboardingGrain>(user.Key).RunsStarted(user.Value);
            }
            catch (Exception exception)
            {
                // Not repeated: a call without an answer may have counted them.
                if (!_stopping.IsCancellationRequested) NotCounted(exception, user.Value.Count, user.Key);
            }
        });
    }

    [LoggerMessage(3202, LogLevel.Information, "{Count} runs of user {UserId} could not be counted for onboarding.")]
    private partial void NotCounted(Exception exception, int count, string userId);
}
