namespace Grainflow.Gateway.Tests.Telemetry;

/// <summary>Nobody records spans here.</summary>
[Collection(Alone.Name)]
public sealed class UntracedTests
{
    [Fact]
    public async Task What_a_caller_sent_is_passed_on_by_blocks_all_the_same()
    {
        const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var outside = await OutsideServer.StartAsync();
        await using var server = new TraceTests.Server(outside);
        await server.InitializeAsync();
        await TraceTests.CallOutAsync(server, outside, Caller);
        Assert.Equal(Caller, Assert.Single(outside.Requests).Headers["traceparent"]);
    }

    [Fact]
    public async Task Without_a_caller_nothing_is_told_to_the_world()
    {
        await using var outside = await OutsideServer.StartAsync();
        await using var server = new TraceTests.Server(outside);
        await server.InitializeAsync();
        await TraceTests.CallOutAsync(server, outside, traceParent: null);
        Assert.DoesNotContain("traceparent", Assert.Single(outside.Requests).Headers.Keys);
    }
}
