using System.Collections.Frozen;

namespace Grainflow.Engine.Onboarding;

/// <summary>The steps by which a new user learns the platform, and what each is worth (contract: semantics 8.4).</summary>
public static class OnboardingSteps
{
    /// <summary>The wizard was completed; <c>ONBOARDING_COMPLETE</c> in newer versions of the contract.</summary>
    public const string VisitCopilot = "VISIT_COPILOT";

    /// <summary>The run that the wizard has started was looked at.</summary>
    public const string GetResults = "GET_RESULTS";

    /// <summary>An agent was run from the library; <c>LIBRARY_RUN_AGENT</c> in newer versions of the contract.</summary>
    public const string MarketplaceRunAgent = "MARKETPLACE_RUN_AGENT";

    /// <summary>A graph was saved in the builder.</summary>
    public const string BuilderSaveAgent = "BUILDER_SAVE_AGENT";

    /// <summary>A graph was run a second time.</summary>
    public const string ReRunAgent = "RE_RUN_AGENT";

    /// <summary>A schedule was created.</summary>
    public const string ScheduleAgent = "SCHEDULE_AGENT";

    /// <summary>Ten runs were started.</summary>
    public const string RunAgents = "RUN_AGENTS";

    /// <summary>Runs were started on three days in a row.</summary>
    public const string Run3Days = "RUN_3_DAYS";

    /// <summary>A webhook has triggered a preset.</summary>
    public const string TriggerWebhook = "TRIGGER_WEBHOOK";

    /// <summary>Runs were started on fourteen days in a row.</summary>
    public const string Run14Days = "RUN_14_DAYS";

    /// <summary>A hundred runs were started.</summary>
    public const string RunAgents100 = "RUN_AGENTS_100";

    /// <summary>A graph was run from the builder.</summary>
    public const string BuilderRunAgent = "BUILDER_RUN_AGENT";

    private const string AgentNewRun = "AGENT_NEW_RUN";
    private const string MarketplaceVisit = "MARKETPLACE_VISIT";
    private const string MarketplaceAddAgent = "MARKETPLACE_ADD_AGENT";
    private const string BuilderOpen = "BUILDER_OPEN";

    /// <summary>The steps that a client may complete; the others follow from what the user does.</summary>
    public static readonly IReadOnlyList<string> OfClients =
        ["WELCOME", "USAGE_REASON", "INTEGRATIONS", "AGENT_CHOICE", AgentNewRun, "AGENT_INPUT", "CONGRATS", VisitCopilot, MarketplaceVisit, BuilderOpen];

    /// <summary>Every step, in the contract's order.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "WELCOME", "USAGE_REASON", "INTEGRATIONS", "AGENT_CHOICE", AgentNewRun, "AGENT_INPUT", "CONGRATS", VisitCopilot, GetResults, MarketplaceVisit, MarketplaceAddAgent,
        MarketplaceRunAgent, BuilderSaveAgent, ReRunAgent, ScheduleAgent, RunAgents, Run3Days, TriggerWebhook, Run14Days, RunAgents100, BuilderOpen, BuilderRunAgent,
    ];

    /// <summary>The names that newer versions of the contract have for some steps (upstream 2b), by the contract's.</summary>
    public static readonly IReadOnlyDictionary<string, string> NewerNames =
        new Dictionary<string, string>(StringComparer.Ordinal) { [VisitCopilot] = "ONBOARDING_COMPLETE", [MarketplaceRunAgent] = "LIBRARY_RUN_AGENT" };

    private static readonly FrozenDictionary<string, int> Rewards = new (int Credits, string[] Steps)[]
    {
        (500, [VisitCopilot]),
        (300, [AgentNewRun, RunAgents, Run14Days, RunAgents100]),
        (100, [MarketplaceVisit, MarketplaceAddAgent, MarketplaceRunAgent, BuilderSaveAgent, ReRunAgent, ScheduleAgent, Run3Days, TriggerWebhook]),
    }.SelectMany(row => row.Steps, (row, step) => (step, row.Credits)).ToFrozenDictionary(row => row.step, row => row.Credits, StringComparer.Ordinal);

    /// <summary>The credits that a step is worth; 0 for none.</summary>
    /// <param name="step">A name of the contract.</param>
    public static int Reward(string step) => Rewards.GetValueOrDefault(step);

    /// <summary>The step that a run completes by where it is started; null for none.</summary>
    /// <param name="source">Where the user has started it, as "execute graph" names it; null when the client does not say.</param>
    public static string? OfRunFrom(string? source) => source switch { "library" => MarketplaceRunAgent, "builder" => BuilderRunAgent, _ => null };

    /// <summary>The contract's name of a step.</summary>
    /// <param name="step">That name, or the one of newer versions.</param>
    public static string ContractName(string step) => NewerNames.FirstOrDefault(pair => pair.Value == step).Key ?? step;
}
