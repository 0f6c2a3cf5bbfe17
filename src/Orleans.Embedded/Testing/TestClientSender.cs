using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.TestingHost;

/// <summary>How the client of a test cluster reaches the silo that runs at the moment.</summary>
internal sealed class TestClientSender(InProcessTestCluster cluster, IOptions<ClientMessagingOptions> options, TimeProvider clock) : ICallSender
{
    public TimeSpan ResponseTimeout => options.Value.ResponseTimeout;

    public bool CancelRequestOnTimeout => options.Value.CancelRequestOnTimeout;

    public TimeProvider Clock { get; } = clock;

    public void Send(GrainId grainId, Request request)
    {
        if (cluster.RunningSilo is { } silo) silo.Send(grainId, request);
        else request.Fail(new SiloUnavailableException("No silo of the test cluster is running."));
    }
}
