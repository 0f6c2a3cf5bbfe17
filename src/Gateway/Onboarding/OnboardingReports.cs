using Grainflow.Engine.Onboarding;
using Grainflow.Grains.Interfaces.Users;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.Onboarding;

/// <summary>
/// Reports to the onboarding of a user what the user does over REST (contract: semantics 8.4, "Event steps"). What a request asks for never fails by it.
/// Steps that are known to be completed are not reported again for a minute.
/// </summary>
internal sealed partial class OnboardingReports(IGrainFactory grains, TimeProvider clock, ILogger<OnboardingReports> logger) : IDisposable
{
    /// <summary>Steps of users remembered; beyond these the ones not seen for longest are dropped, and cost a call again.</summary>
    private const int Capacity = 50_000;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _completed = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <summary>Completes a step, and waits for it.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="step">A step of the contract.</param>
    public async Task CompleteAsync(string userId, string step)
    {
        if (IsKnown(userId, step)) return;
        try
        {
            await grains.GetGrain<IOnboardingGrain>(userId).Complete(step);
            Remember(userId, step);
        }
        catch (Exception exception)
        {
            NotReported(exception, step, userId);
        }
    }

    /// <summary>Reports in the background that the user has started a run.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="graphId">The graph.</param>
    /// <param name="source">Where the user has started it; null when the client does not say.</param>
    public void RunStarted(string userId, Guid graphId, string? source)
    {
        var step = OnboardingSteps.OfRunFrom(source);
        if ((step is null || IsKnown(userId, step)) && IsKnown(userId, OnboardingSteps.ReRunAgent)) return;
        _ = RunStartedAsync(userId, graphId, source);
    }

    /// <summary>Reports in the background that the user looks at a run.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="runId">The run.</param>
    public void ResultsOpened(string userId, Guid runId) => _ = ResultsOpenedAsync(userId, runId);

    /// <summary>Forgets what is known of a user, whose onboarding begins anew.</summary>
    /// <param name="userId">The user.</param>
    public void Forget(string userId)
    {
        foreach (var step in OnboardingSteps.All) _completed.Remove((userId, step));
    }

    /// <inheritdoc/>
    public void Dispose() => _completed.Dispose();

    private async Task RunStartedAsync(string userId, Guid graphId, string? source)
    {
        try
        {
            foreach (var step in await grains.GetGrain<IOnboardingGrain>(userId).StartedByHand(graphId, source)) Remember(userId, step);
        }
        catch (Exception exception)
        {
            NotReported(exception, OnboardingSteps.OfRunFrom(source) ?? OnboardingSteps.ReRunAgent, userId);
        }
    }

    private async Task ResultsOpenedAsync(string userId, Guid runId)
    {
        try
        {
            await grains.GetGrain<IOnboardingGrain>(userId).ResultsOpened(runId);
        }
        catch (Exception exception)
        {
            NotReported(exception, OnboardingSteps.GetResults, userId);
        }
    }

    private bool IsKnown(string userId, string step) => _completed.TryGetValue((userId, step), out DateTimeOffset until) && clock.GetUtcNow() < until;

    private void Remember(string userId, string step) => _completed.Set((userId, step), clock.GetUtcNow() + Remembered, new MemoryCacheEntryOptions { Size = 1 });

    [LoggerMessage(3203, LogLevel.Warning, "Step {Step} of the onboarding of user {UserId} could not be reported; it is when the user does the same again.")]
    private partial void NotReported(Exception exception, string step, string userId);
}
