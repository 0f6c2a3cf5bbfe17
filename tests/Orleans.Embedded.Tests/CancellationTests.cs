using Orleans.Configuration;
using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;
using Orleans.Hosting;

namespace Orleans.Embedded.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task A_call_with_a_cancelled_token_is_not_sent()
    {
        await using var silo = await TestSilo.StartAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => silo.Grain<ICallGrain>().HoldWithToken("never", new CancellationToken(canceled: true)));

        Assert.Empty(silo.Probe.Events);
    }

    [Fact]
    public async Task Cancelling_at_the_caller_cancels_the_token_of_the_grain_as_a_turn_of_it()
    {
        await using var silo = await TestSilo.StartAsync();
        using var cancellation = new CancellationTokenSource();
        var call = silo.Grain<ICallGrain>().HoldWithToken("held", cancellation.Token);
        await silo.Probe.Opened("held started");

        await cancellation.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, exception.CancellationToken);
        await silo.Probe.Opened("held cancelled as a turn");
    }

    [Fact]
    public async Task The_caller_does_not_wait_for_the_grain_to_honour_the_cancellation()
    {
        await using var silo = await TestSilo.StartAsync();
        using var cancellation = new CancellationTokenSource();
        var grain = silo.Grain<ICallGrain>();
        var blocking = grain.Hold("blocking");
        await silo.Probe.Opened("blocking started");
        var queued = grain.HoldWithToken("queued", cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        silo.Probe.Open("blocking");
        await blocking;
        await grain.Note("last");
        Assert.False(silo.Probe.Has("queued started"));
    }

    [Fact]
    public async Task A_cancellation_that_the_grain_throws_is_one_for_its_caller()
    {
        await using var silo = await TestSilo.StartAsync();
        using var cancellation = new CancellationTokenSource();
        var call = silo.Grain<ICallGrain>().ThrowWhenCancelled("held", cancellation.Token);
        await silo.Probe.Opened("held started");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(call.IsCanceled);
    }

    [Fact]
    public async Task A_token_that_cannot_be_cancelled_crosses_as_one()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.False(await silo.Grain<ICallGrain>().HasToken(CancellationToken.None));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_timeout_cancels_the_token_of_the_grain_only_when_configured(bool configured)
    {
        await using var silo = TestSilo.Create(configureClient: client =>
            client.Configure<ClientMessagingOptions>(options => options.CancelRequestOnTimeout = configured));
        await silo.Cluster.DeployAsync();
        var grain = silo.Grain<ICallGrain>();
        var call = grain.HoldWithToken("held", TestContext.Current.CancellationToken);
        await silo.Probe.Opened("held started");

        silo.Clock.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        if (configured) await silo.Probe.Opened("held cancelled as a turn");
        else Assert.False(silo.Probe.Has("held cancelled as a turn"));
    }
}
