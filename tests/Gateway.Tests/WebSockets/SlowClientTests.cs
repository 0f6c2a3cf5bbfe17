using System.Net.WebSockets;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.WebSockets;

public sealed class SlowClientTests
{
    private const int Count = 60;

    [Fact]
    public async Task A_slow_client_gets_the_latest_of_everything_and_disturbs_nobody()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxWaitingMessages = 8);
        var (graph, runId) = (await server.StoreAsync(Flood(server)), server.NewId());
        await using var slow = await server.ConnectAsync();
        await using var quick = await server.ConnectAsync();
        await quick.WatchGraphAsync(graph.Id);
        await server.StartRunAsync(runId, graph);
        await slow.WatchRunAsync(runId);

        server.Blocks.Open("gate");
        await quick.UntilEndAsync();
        var messages = await slow.UntilEndAsync();

        var sequences = messages.Select(LiveClient.Sequence).ToList();
        var expected = await server.ExpectedAsync(runId);
        Assert.Equal(sequences.Order().Distinct(), sequences);
        Assert.True(messages.Count < expected.Count, "nothing was left out");
        Assert.Equal(expected[^1].GetRawText(), messages[^1].GetProperty("data").GetRawText());
        foreach (var latest in expected.Where(liveEvent => liveEvent.TryGetProperty("node_id", out _)).GroupBy(liveEvent => liveEvent.GetProperty("node_exec_id").GetString(), StringComparer.Ordinal))
            Assert.Contains(messages, message => message.GetProperty("data").GetRawText() == latest.Last().GetRawText());
    }

    [Fact]
    public async Task A_client_that_never_reads_is_dropped_and_the_others_go_on()
    {
        var clock = new ManualClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var server = await LiveServer.StartAsync(options => options.MaxWaitingMessages = 8, clock);
        var (graph, runId) = (await server.StoreAsync(Flood(server)), server.NewId());
        await using var silent = await server.ConnectAsync();
        await using var quick = await server.ConnectAsync();
        await quick.WatchGraphAsync(graph.Id);
        await server.StartRunAsync(runId, graph);
        await silent.WatchRunAsync(runId);
        server.Blocks.Open("gate");
        await quick.UntilEndAsync();

        for (var i = 0; i < 100 && !server.Lines.Has("does not read"); i++)
        {
            clock.Advance(TimeSpan.FromSeconds(31));
            await quick.AskAsync("""{"method":"heartbeat"}""");
        }

        Assert.True(server.Lines.Has("does not read"), server.Lines.ToString());
        await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
        {
            while (await silent.NextBytesAsync() is not null)
            {
                // What was on its way already.
            }
        });
    }

    [Fact]
    public async Task A_slow_client_that_catches_up_gets_every_event()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxWaitingMessages = 4);
        var (graph, runId) = (await server.StoreAsync(Flood(server)), server.NewId());
        await using var quick = await server.ConnectAsync();
        await quick.WatchGraphAsync(graph.Id);
        await server.StartRunAsync(runId, graph);
        server.Blocks.Open("gate");
        await quick.UntilEndAsync();
        await using var slow = await server.ConnectAsync();
        await slow.WatchRunAsync(runId, fromSequence: 0);
        // It reads nothing until another client has got all events, which are many times what may wait for one.
        await using var other = await server.ConnectAsync();
        await other.WatchRunAsync(runId, fromSequence: 0);
        await other.UntilEndAsync();

        var messages = await slow.UntilEndAsync();

        var expected = await server.ExpectedAsync(runId);
        Assert.Equal(expected.Select(liveEvent => liveEvent.GetRawText()), messages.Select(message => message.GetProperty("data").GetRawText()));
    }

    private static LiveGraph Flood(LiveServer server) =>
        new LiveGraph(server.NewId()).Step("gated", """{"gate": "gate", "value": 1}""").Stream("stream", $$"""{"count": {{Count}}, "bytes": 200000}""").Link("gated.value", "stream.go");
}
