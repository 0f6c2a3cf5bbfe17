using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Users;

/// <summary>What one user has learned of the platform, and what was given for it (contract: semantics 8.4); the key is the user id.</summary>
[Alias("grainflow.IOnboardingGrain")]
public interface IOnboardingGrain : IGrainWithStringKey
{
    /// <summary>The state.</summary>
    [Alias("Get")]
    Task<OnboardingState> Get();

    /// <summary>Stores what the user has answered in the wizard.</summary>
    /// <param name="answers">The answers; checked by the caller.</param>
    /// <returns>The state after it.</returns>
    [Alias("Answer")]
    Task<OnboardingState> Answer(OnboardingAnswers answers);

    /// <summary>Forgets everything but which steps were rewarded.</summary>
    /// <returns>The state after it.</returns>
    [Alias("Reset")]
    Task<OnboardingState> Reset();

    /// <summary>Completes a step, once: gives its reward and tells the sockets of the user.</summary>
    /// <param name="step">A step of the contract.</param>
    [Alias("Complete")]
    Task Complete(string step);

    /// <summary>Completes the steps of a run that the user has started over REST: that of where it was started, and that of a graph that was run before.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="source">Where the user has started it, as "execute graph" names it; null when the client does not say.</param>
    /// <returns>All steps that are completed after it.</returns>
    [Alias("StartedByHand")]
    Task<ImmutableArray<string>> StartedByHand(Guid graphId, string? source);

    /// <summary>Completes the step of looking at results, if the run is the one that the wizard has started.</summary>
    /// <param name="runId">The run that the user looks at.</param>
    [Alias("ResultsOpened")]
    Task ResultsOpened(Guid runId);

    /// <summary>Counts runs that were started, and completes the steps that follow. A call that is repeated counts again.</summary>
    /// <param name="runs">The runs.</param>
    [Alias("RunsStarted")]
    Task RunsStarted(StartedRuns runs);
}

/// <summary>The state of onboarding, as it is told and stored.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.OnboardingState")]
public sealed record OnboardingState
{
    /// <summary>The steps that are completed, in their order in time.</summary>
    [Id(0)]
    public ImmutableArray<string> CompletedSteps { get; init; } = [];

    /// <summary>The steps whose reward was given, also before a reset.</summary>
    [Id(1)]
    public ImmutableArray<string> RewardedFor { get; init; } = [];

    /// <summary>The steps whose completion was shown to the user.</summary>
    [Id(2)]
    public ImmutableArray<string> Notified { get; init; } = [];

    /// <summary>Whether the wallet was shown to the user.</summary>
    [Id(3)]
    public bool WalletShown { get; init; }

    /// <summary>Why the user is here, or null.</summary>
    [Id(4)]
    public string? UsageReason { get; init; }

    /// <summary>The services that the user has.</summary>
    [Id(5)]
    public ImmutableArray<string> Integrations { get; init; } = [];

    /// <summary>Services that the list of the wizard does not have, or null.</summary>
    [Id(6)]
    public string? OtherIntegrations { get; init; }

    /// <summary>The agent that the user has chosen, or null.</summary>
    [Id(7)]
    public string? SelectedStoreListingVersionId { get; init; }

    /// <summary>What that agent is given, a JSON object as text, or null.</summary>
    [Id(8)]
    public string? AgentInput { get; init; }

    /// <summary>The run that the wizard has started, or null.</summary>
    [Id(9)]
    public string? OnboardingAgentExecutionId { get; init; }

    /// <summary>How many runs the user has started, 0 or more.</summary>
    [Id(10)]
    public int AgentRuns { get; init; }

    /// <summary>When the latest was started, or null.</summary>
    [Id(11)]
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>On how many days in a row one was started, 0 or more.</summary>
    [Id(12)]
    public int ConsecutiveRunDays { get; init; }
}

/// <summary>What a user has answered in the wizard. Null leaves what is stored.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.OnboardingAnswers")]
public sealed record OnboardingAnswers
{
    /// <summary>True once the wallet was shown; false changes nothing.</summary>
    [Id(0)]
    public bool? WalletShown { get; init; }

    /// <summary>Steps that were shown, added to those that are stored.</summary>
    [Id(1)]
    public ImmutableArray<string>? Notified { get; init; }

    /// <summary>Why the user is here.</summary>
    [Id(2)]
    public string? UsageReason { get; init; }

    /// <summary>The services that the user has.</summary>
    [Id(3)]
    public ImmutableArray<string>? Integrations { get; init; }

    /// <summary>Other services.</summary>
    [Id(4)]
    public string? OtherIntegrations { get; init; }

    /// <summary>The agent that the user has chosen.</summary>
    [Id(5)]
    public string? SelectedStoreListingVersionId { get; init; }

    /// <summary>What that agent is given, a JSON object as text.</summary>
    [Id(6)]
    public string? AgentInput { get; init; }

    /// <summary>The run that the wizard has started.</summary>
    [Id(7)]
    public string? OnboardingAgentExecutionId { get; init; }
}

/// <summary>Runs of a user that were started on one silo at about the same time.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.StartedRuns")]
public sealed record StartedRuns
{
    /// <summary>How many; 0 when a webhook has triggered presets and none of their runs could start.</summary>
    [Id(0)]
    public required int Count { get; init; }

    /// <summary>When the first of them was started.</summary>
    [Id(1)]
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>When the last of them was started.</summary>
    [Id(2)]
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Whether a webhook has triggered a preset.</summary>
    [Id(3)]
    public bool ByWebhook { get; init; }
}
