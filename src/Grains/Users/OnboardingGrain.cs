using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Onboarding;
using Grainflow.Engine.Scheduling;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Placement;

namespace Grainflow.Grains.Users;

/// <inheritdoc cref="IOnboardingGrain"/>
/// <remarks>
/// A step is stored as completed before its reward is given, and as rewarded after it. Each call first gives the rewards that a process has died before; the ledger
/// has the key of each (contract: semantics 3.5) and gives it once.
/// </remarks>
[PreferLocalPlacement, StayingSilos]
internal sealed partial class OnboardingGrain(
    [PersistentState("onboarding", StateStorage.Name)] IPersistentState<OnboardingState> stored, IExecutionQueries executions, TimeZones zones, ILogger<OnboardingGrain> logger) : Grain, IOnboardingGrain
{
    private string UserId => this.GetPrimaryKeyString();

    private OnboardingState State => stored.State;

    /// <inheritdoc/>
    public async Task<OnboardingState> Get()
    {
        await RewardAsync();
        return State;
    }

    /// <inheritdoc/>
    public async Task<OnboardingState> Answer(OnboardingAnswers answers)
    {
        await RewardAsync();
        await WriteAsync(State with
        {
            WalletShown = State.WalletShown || answers.WalletShown == true,
            Notified = answers.Notified is { } notified ? [.. State.Notified.Union(notified, StringComparer.Ordinal)] : State.Notified,
            UsageReason = answers.UsageReason ?? State.UsageReason,
            Integrations = answers.Integrations ?? State.Integrations,
            OtherIntegrations = answers.OtherIntegrations ?? State.OtherIntegrations,
            SelectedStoreListingVersionId = answers.SelectedStoreListingVersionId ?? State.SelectedStoreListingVersionId,
            AgentInput = answers.AgentInput ?? State.AgentInput,
            OnboardingAgentExecutionId = answers.OnboardingAgentExecutionId ?? State.OnboardingAgentExecutionId,
        });
        return State;
    }

    /// <inheritdoc/>
    public async Task<OnboardingState> Reset()
    {
        await RewardAsync();
        await WriteAsync(new OnboardingState { RewardedFor = State.RewardedFor });
        return State;
    }

    /// <inheritdoc/>
    public async Task Complete(string step)
    {
        await RewardAsync();
        await CompleteAsync(State, [step]);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<string>> StartedByHand(Guid graphId, string? source)
    {
        await RewardAsync();
        List<string> steps = OnboardingSteps.OfRunFrom(source) is { } step ? [step] : [];
        var isRunAgain = !State.CompletedSteps.Contains(OnboardingSteps.ReRunAgent, StringComparer.Ordinal) && await executions.HasSeveralAsync(UserId, graphId, CancellationToken.None);
        await CompleteAsync(State, isRunAgain ? [.. steps, OnboardingSteps.ReRunAgent] : steps);
        return State.CompletedSteps;
    }

    /// <inheritdoc/>
    public Task ResultsOpened(Guid runId) => State.OnboardingAgentExecutionId == runId.ToString() ? Complete(OnboardingSteps.GetResults) : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task RunsStarted(StartedRuns runs)
    {
        await RewardAsync();
        var state = State;
        List<string> steps = runs.ByWebhook ? [OnboardingSteps.TriggerWebhook] : [];
        if (runs.Count > 0)
        {
            var zone = zones.FindOrNull(await GrainFactory.GetGrain<IUserGrain>(UserId).GetTimeZone()) ?? DateTimeZone.Utc;
            // Runs of the same moment may be on two days, and neither is to be missing in the row.
            var count = new RunCount(state.AgentRuns, state.LastRunAt, state.ConsecutiveRunDays).After(1, runs.FirstAt, zone).After(runs.Count - 1, runs.LastAt, zone);
            state = state with { AgentRuns = count.Runs, LastRunAt = count.LastRunAt, ConsecutiveRunDays = count.ConsecutiveDays };
            steps.AddRange(count.Milestones());
        }

        var completed = await CompleteAsync(state, steps);
        if (runs.Count > 0 && completed.All(step => step == OnboardingSteps.TriggerWebhook)) await NotifyAsync(step: null);
    }

    /// <summary>Stores a state with more steps completed, gives their rewards, and tells the sockets.</summary>
    /// <returns>The steps that were not completed before.</returns>
    private async Task<IReadOnlyList<string>> CompleteAsync(OnboardingState state, IReadOnlyList<string> steps)
    {
        List<string> completed = [.. steps.Except(state.CompletedSteps, StringComparer.Ordinal)];
        if (completed.Count == 0 && state == State) return completed;
        await WriteAsync(state with { CompletedSteps = [.. state.CompletedSteps, .. completed] });
        await RewardAsync();
        foreach (var step in completed) await NotifyAsync(step);
        return completed;
    }

    /// <summary>Gives the rewards of completed steps that were not given yet. Where nothing is charged there is nothing to give, and the step counts as rewarded.</summary>
    private async Task RewardAsync()
    {
        List<string> due = [.. State.CompletedSteps.Where(step => OnboardingSteps.Reward(step) > 0).Except(State.RewardedFor, StringComparer.Ordinal)];
        if (due.Count == 0) return;
        var wallet = GrainFactory.GetGrain<IUserWalletGrain>(UserId);
        if (await wallet.HasCredits())
        {
            // The grant of the month fills up to a balance; made after the reward it would be smaller by it.
            await wallet.GetBalance();
            foreach (var step in due)
            {
                await wallet.Apply(new WalletChange
                {
                    TransactionKey = $"REWARD-{UserId}-{step}",
                    Type = LedgerType.Grant,
                    Credits = OnboardingSteps.Reward(step),
                    Metadata = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(new { reason = $"Reward for completing {step} onboarding step." })),
                });
            }
        }

        await WriteAsync(State with { RewardedFor = [.. State.RewardedFor, .. due] });
    }

    private async Task WriteAsync(OnboardingState state)
    {
        var before = State;
        stored.State = state;
        try
        {
            await stored.WriteStateAsync();
        }
        catch (Exception)
        {
            // Whether it is stored is not known; the next activation reads it.
            stored.State = before;
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>Tells the open sockets of the user. They may miss it; the state has it.</summary>
    private async Task NotifyAsync(string? step)
    {
        try
        {
            await GrainFactory.GetGrain<ILogListenersGrain>(UserId).NotifyOnboarding(step);
        }
        catch (Exception exception)
        {
            NotNotified(exception, UserId);
        }
    }

    [LoggerMessage(3201, LogLevel.Information, "The sockets of user {UserId} could not be told of a step of onboarding.")]
    private partial void NotNotified(Exception exception, string userId);
}
