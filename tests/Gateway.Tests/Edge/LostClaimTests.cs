using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Requests;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>Requests with an <c>Idempotency-Key</c> whose claim or answer was not acknowledged to the gateway (decision 27).</summary>
public sealed class LostClaimTests
{
    [Theory]
    [InlineData(nameof(IRequestKeyGrain.Claim), 0)]
    [InlineData(nameof(IRequestKeyGrain.Claim), 1)]
    [InlineData(nameof(IRequestKeyGrain.Answer), 0)]
    [InlineData(nameof(IRequestKeyGrain.Answer), 2)]
    public async Task A_request_that_is_repeated_after_it_is_handled_and_does_not_stay_under_way(string lost, int lostEnds)
    {
        await using var server = await FilteredServer.StartAsync();
        var user = server.Anybody();
        var body = new JsonObject { ["graph"] = TestGraph.Echo().Json() }.ToJsonString();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (isLost, endsToLose) = (1, lostEnds);
        server.OnCall = async context =>
        {
            if (context.InterfaceMethod.DeclaringType == typeof(IRequestKeyGrain) && context.InterfaceMethod.Name == lost && Interlocked.Exchange(ref isLost, 0) == 1)
            {
                // A claim is made, and an answer is not stored.
                if (lost == nameof(IRequestKeyGrain.Claim)) await context.Invoke();
                throw new TimeoutException("The answer did not arrive on time.");
            }

            var ends = context.InterfaceMethod.Name == nameof(IRequestKeyGrain.Abandon);
            if (ends && Interlocked.Decrement(ref endsToLose) >= 0) throw new TimeoutException("The answer did not arrive on time.");
            await context.Invoke();
            if (ends) ended.TrySetResult();
        };

        var first = await PostAsync();
        Assert.True(first.Status == 503, first.Text);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var second = await PostAsync();

        Assert.True(second.Status == 200, second.Text);
        Assert.Equal(second.Text, (await PostAsync()).Text);
        Assert.Equal([second.Json.Id()], (await user.GetAsync("/api/graphs")).Json.EnumerateArray().Select(graph => graph.Id()));

        Task<Answer> PostAsync() => user.SendAsync(HttpMethod.Post, "/api/graphs", body, request => request.Headers.Add("Idempotency-Key", "key"));
    }
}
