using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests.Onboarding;

public sealed class OnboardingCrashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_dies_while_it_gives_a_reward_and_the_reward_is_given_once(bool wasWritten)
    {
        await using var cluster = await GrainCluster.StartAsync();
        await cluster.Wallet().GetBalance();
        var giving = new TaskCompletionSource();
        cluster.Faults.OnLedger = async apply =>
        {
            var results = wasWritten ? await apply() : [];
            giving.SetResult();
            await new TaskCompletionSource().Task;
            return results;
        };
        var lost = OnboardingTests.Of(cluster).Complete("SCHEDULE_AGENT");
        await giving.Task.WaitAsync(GrainCluster.Patience);

        await cluster.KillAsync();
        await Record.ExceptionAsync(() => lost);
        cluster.Faults.OnLedger = null;
        await cluster.RecoverAsync();

        // Nobody completes the step again; whoever looks next makes up for the reward.
        Assert.Equal("completed SCHEDULE_AGENT, rewarded SCHEDULE_AGENT", OnboardingTests.Text(await OnboardingTests.Of(cluster).Get()));
        Assert.Equal(1600, await cluster.Wallet().GetBalance());
        Assert.Single(await cluster.LedgerOfAsync(), row => row.TransactionKey == "REWARD-user-1-SCHEDULE_AGENT");
    }
}
