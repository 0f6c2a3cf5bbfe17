using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Graphs;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>A grain that does not answer, as after the end of its silo.</summary>
public sealed class UnansweredCallTests
{
    [Fact]
    public async Task A_call_that_was_not_answered_or_that_the_runtime_has_cancelled_is_503_and_says_when_to_come_again()
    {
        await using var server = await FilteredServer.StartAsync();
        var user = server.Anybody();

        foreach (var failure in new Exception[] { new TimeoutException("Late."), new TaskCanceledException() })
        {
            server.OnCall = context => context.InterfaceMethod.Name == nameof(IGraphGrain.Import) ? Task.FromException(failure) : context.Invoke();
            var refused = await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = TestGraph.Echo().Json() });

            Assert.True(refused.Status == 503, refused.Text);
            Assert.True(refused.Headers.ContainsKey("Retry-After"));
            Assert.Contains("not in reach", refused.Text, StringComparison.Ordinal);
        }
    }
}
