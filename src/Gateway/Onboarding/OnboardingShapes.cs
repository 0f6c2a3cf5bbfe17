using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Engine.Onboarding;
using Grainflow.Gateway.Json;
using Grainflow.Grains.Interfaces.Users;

namespace Grainflow.Gateway.Onboarding;

/// <summary>Marks a list of steps, by their names in the contract or in newer versions of it (upstream 2b).</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StepsAttribute() : OneOfAttribute([.. OnboardingSteps.All, .. OnboardingSteps.NewerNames.Values]);

/// <summary>The onboarding of a user (contract: semantics 8.4).</summary>
internal sealed record UserOnboarding
{
    [JsonPropertyName("userId")]
    public required string UserId { get; init; }

    [JsonPropertyName("completedSteps"), Steps]
    public required IReadOnlyList<string> CompletedSteps { get; init; }

    [JsonPropertyName("walletShown")]
    public required bool WalletShown { get; init; }

    [JsonPropertyName("notified"), Steps]
    public required IReadOnlyList<string> Notified { get; init; }

    [JsonPropertyName("rewardedFor"), Steps]
    public required IReadOnlyList<string> RewardedFor { get; init; }

    [JsonPropertyName("usageReason")]
    public required string? UsageReason { get; init; }

    [JsonPropertyName("integrations")]
    public required IReadOnlyList<string> Integrations { get; init; }

    [JsonPropertyName("otherIntegrations")]
    public required string? OtherIntegrations { get; init; }

    [JsonPropertyName("selectedStoreListingVersionId")]
    public required string? SelectedStoreListingVersionId { get; init; }

    [JsonPropertyName("agentInput")]
    public required IReadOnlyDictionary<string, JsonElement>? AgentInput { get; init; }

    [JsonPropertyName("onboardingAgentExecutionId")]
    public required string? OnboardingAgentExecutionId { get; init; }

    [JsonPropertyName("agentRuns")]
    public required int AgentRuns { get; init; }

    [JsonPropertyName("lastRunAt")]
    public required DateTimeOffset? LastRunAt { get; init; }

    [JsonPropertyName("consecutiveRunDays")]
    public required int ConsecutiveRunDays { get; init; }

    /// <summary>The onboarding of a user as it is told to clients.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="state">What is stored.</param>
    /// <param name="isNewer">Whether steps have their names of newer versions.</param>
    public static UserOnboarding Of(string userId, OnboardingState state, bool isNewer)
    {
        return new UserOnboarding
        {
            UserId = userId,
            CompletedSteps = Names(state.CompletedSteps),
            WalletShown = state.WalletShown,
            Notified = Names(state.Notified),
            RewardedFor = Names(state.RewardedFor),
            UsageReason = state.UsageReason,
            Integrations = state.Integrations,
            OtherIntegrations = state.OtherIntegrations,
            SelectedStoreListingVersionId = state.SelectedStoreListingVersionId,
            AgentInput = state.AgentInput is { } input ? JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(input, GatewayJson.Options) : null,
            OnboardingAgentExecutionId = state.OnboardingAgentExecutionId,
            AgentRuns = state.AgentRuns,
            LastRunAt = state.LastRunAt,
            ConsecutiveRunDays = state.ConsecutiveRunDays,
        };

        IReadOnlyList<string> Names(IReadOnlyList<string> steps) => isNewer ? [.. steps.Select(step => OnboardingSteps.NewerNames.GetValueOrDefault(step, step))] : steps;
    }
}

/// <summary>What the user has answered in the wizard; what is absent or null stays as it is.</summary>
internal sealed record UserOnboardingUpdate
{
    [JsonPropertyName("walletShown")]
    public bool? WalletShown { get; init; }

    [JsonPropertyName("notified"), Steps]
    public IReadOnlyList<string>? Notified { get; init; }

    [JsonPropertyName("usageReason")]
    public string? UsageReason { get; init; }

    [JsonPropertyName("integrations")]
    public IReadOnlyList<string>? Integrations { get; init; }

    [JsonPropertyName("otherIntegrations")]
    public string? OtherIntegrations { get; init; }

    [JsonPropertyName("selectedStoreListingVersionId")]
    public string? SelectedStoreListingVersionId { get; init; }

    [JsonPropertyName("agentInput")]
    public IReadOnlyDictionary<string, JsonElement>? AgentInput { get; init; }

    [JsonPropertyName("onboardingAgentExecutionId")]
    public string? OnboardingAgentExecutionId { get; init; }

    /// <summary>The answers as the grain takes them.</summary>
    public OnboardingAnswers ToAnswers() => new()
    {
        WalletShown = WalletShown,
        Notified = Notified is { } notified ? [.. notified.Select(OnboardingSteps.ContractName)] : null,
        UsageReason = UsageReason,
        Integrations = Integrations is { } integrations ? [.. integrations] : null,
        OtherIntegrations = OtherIntegrations,
        SelectedStoreListingVersionId = SelectedStoreListingVersionId,
        AgentInput = AgentInput is { } input ? JsonSerializer.Serialize(input, GatewayJson.Options) : null,
        OnboardingAgentExecutionId = OnboardingAgentExecutionId,
    };
}

/// <summary>Whether the wizard was completed, which newer versions ask for.</summary>
internal sealed record OnboardingCompleted
{
    public required bool IsCompleted { get; init; }
}

/// <summary>An agent of the marketplace.</summary>
internal sealed record StoreAgentDetails
{
    public required string StoreListingVersionId { get; init; }

    public required string Slug { get; init; }

    public required string AgentName { get; init; }

    public required string AgentVideo { get; init; }

    public required string AgentOutputDemo { get; init; }

    public required IReadOnlyList<string> AgentImage { get; init; }

    public required string Creator { get; init; }

    public required string CreatorAvatar { get; init; }

    public required string SubHeading { get; init; }

    public required string Description { get; init; }

    public string? Instructions { get; init; }

    public required IReadOnlyList<string> Categories { get; init; }

    public required int Runs { get; init; }

    public required double Rating { get; init; }

    public required IReadOnlyList<string> Versions { get; init; }

    [JsonPropertyName("agentGraphVersions")]
    public required IReadOnlyList<string> AgentGraphVersions { get; init; }

    [JsonPropertyName("agentGraphId")]
    public required string AgentGraphId { get; init; }

    public required DateTimeOffset LastUpdated { get; init; }

    public string? RecommendedScheduleCron { get; init; }

    public string? ActiveVersionId { get; init; }

    [SchemaDefault("false")]
    public bool HasApprovedVersion { get; init; }

    public IReadOnlyList<ChangelogEntry>? Changelog { get; init; }
}

/// <summary>What has changed in a version of an agent.</summary>
internal sealed record ChangelogEntry
{
    public required string Version { get; init; }

    public required string ChangesSummary { get; init; }

    public required DateTimeOffset Date { get; init; }
}
