using System.Globalization;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Edge;

public sealed class LimitTests(LimitTests.Server server) : IClassFixture<LimitTests.Server>
{
    [Fact]
    public async Task A_caller_who_asks_too_often_is_told_when_to_come_back()
    {
        var user = server.Anybody();
        for (var i = 0; i < Server.Limit; i++) Assert.Equal(200, (await user.GetAsync("/api/graphs")).Status);
        var refused = await user.GetAsync("/api/graphs");
        refused.IsDetail(429);
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(200, (await server.Anybody().GetAsync("/api/graphs")).Status);
        Assert.Equal(200, (await user.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task Who_has_no_token_is_counted_by_address()
    {
        for (var i = 0; i < Server.Limit; i++) await server.With($"bad token {i}").GetAsync("/api/graphs");
        (await server.With("another bad token").GetAsync("/api/graphs")).IsDetail(429);
    }

    [Fact]
    public async Task Deliveries_of_webhooks_have_a_limit_of_their_own()
    {
        var path = $"/api/integrations/generic_webhook/webhooks/{Guid.NewGuid()}/ingress";
        for (var i = 0; i < Server.WebhookLimit; i++) (await server.With(null).SendAsync(HttpMethod.Post, path, "{}")).IsDetail(404);
        (await server.With(null).SendAsync(HttpMethod.Post, path, "{}")).IsDetail(429);
    }

    [Fact]
    public async Task Who_has_no_credits_starts_nothing()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());
        var refused = await user.PostAsync($"/api/graphs/{graph.Id()}/execute/1", JsonNode.Parse("""{"inputs": {"n": 1}}"""));
        refused.IsDetail(402);
        (await user.PostAsync($"/api/graphs/{Guid.NewGuid()}/execute/1")).IsDetail(402);
        (await user.PostAsync($"/api/library/presets/{Guid.NewGuid()}/execute")).IsDetail(402);
        Assert.Equal("[]", (await user.GetAsync("/api/executions")).Text);
    }

    /// <summary>A server with small limits and without credits.</summary>
    public sealed class Server : ApiServer
    {
        internal const int Limit = 5;
        internal const int WebhookLimit = 7;

        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["API_RATE_LIMIT_PER_MINUTE"] = Limit.ToString(CultureInfo.InvariantCulture);
            variables["WEBHOOK_RATE_LIMIT_PER_MINUTE"] = WebhookLimit.ToString(CultureInfo.InvariantCulture);
            variables["NUM_USER_CREDITS_REFILL"] = "0";
        }
    }
}
