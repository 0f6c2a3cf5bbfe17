using Grainflow.Engine.Onboarding;
using Grainflow.Engine.Tests.Graphs;

namespace Grainflow.Engine.Tests.Onboarding;

/// <summary>The steps of onboarding against the contract's lists.</summary>
public sealed class OnboardingStepsTests
{
    [Fact]
    public void The_steps_are_those_of_the_contract_Vectors() => Assert.Equal(Listed("OnboardingStep").Order(StringComparer.Ordinal), OnboardingSteps.All.Order(StringComparer.Ordinal));

    [Fact]
    public void Clients_complete_the_steps_that_the_contract_leaves_to_them_Vectors() => Assert.Equal(Listed("ClientSettableOnboardingStep"), OnboardingSteps.OfClients);

    [Fact]
    public void Each_step_is_worth_what_the_contract_says()
    {
        var worth = OnboardingSteps.All.Where(step => OnboardingSteps.Reward(step) > 0).GroupBy(OnboardingSteps.Reward).OrderByDescending(group => group.Key)
            .Select(group => $"{group.Key}: {string.Join(", ", group)}");

        // Semantics 8.4, row "Rewards", each in the order of the list of steps.
        Assert.Equal(
            [
                "500: VISIT_COPILOT",
                "300: AGENT_NEW_RUN, RUN_AGENTS, RUN_14_DAYS, RUN_AGENTS_100",
                "100: MARKETPLACE_VISIT, MARKETPLACE_ADD_AGENT, MARKETPLACE_RUN_AGENT, BUILDER_SAVE_AGENT, RE_RUN_AGENT, SCHEDULE_AGENT, RUN_3_DAYS, TRIGGER_WEBHOOK",
            ],
            worth);
        Assert.Equal(0, OnboardingSteps.Reward("no step"));
    }

    [Theory]
    [InlineData("ONBOARDING_COMPLETE", "VISIT_COPILOT")]
    [InlineData("LIBRARY_RUN_AGENT", "MARKETPLACE_RUN_AGENT")]
    [InlineData("VISIT_COPILOT", "VISIT_COPILOT")]
    [InlineData("SCHEDULE_AGENT", "SCHEDULE_AGENT")]
    public void A_name_of_newer_versions_is_a_step_of_the_contract(string name, string step) => Assert.Equal(step, OnboardingSteps.ContractName(name));

    [Theory]
    [InlineData("library", "MARKETPLACE_RUN_AGENT")]
    [InlineData("builder", "BUILDER_RUN_AGENT")]
    [InlineData("onboarding", null)]
    [InlineData(null, null)]
    public void A_run_completes_the_step_of_where_it_is_started(string? source, string? step) => Assert.Equal(step, OnboardingSteps.OfRunFrom(source));

    private static IEnumerable<string> Listed(string name) => ContractFiles.ReadLines("enums.tsv").Select(line => line.Split('\t')).Where(cells => cells[0] == name).Select(cells => cells[2]);
}
