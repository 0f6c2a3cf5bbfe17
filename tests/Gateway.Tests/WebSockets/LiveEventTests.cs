using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.TestSupport;
using Npgsql;

namespace Grainflow.Gateway.Tests.WebSockets;

public sealed class LiveEventTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_is_watched_from_the_queue_to_the_end(bool apart)
    {
        await using var server = await LiveServer.StartAsync(apart: apart);
        var (graph, runId) = (await server.StoreAsync(Gated(server)), server.NewId());
        await using var client = await server.ConnectAsync();
        await server.StartRunAsync(runId, graph);
        await client.WatchRunAsync(runId, fromSequence: 0);
        var messages = await UntilAsync(client, message => Status(message, "gated") == "RUNNING");

        server.Blocks.Open("gate");
        messages.AddRange(await client.UntilEndAsync());

        Assert.All(messages, message => Assert.Equal(["method", "data", "success", "channel", "error"], message.EnumerateObject().Select(member => member.Name)));
        Assert.All(messages, message => Assert.Equal($"user-1|graph_exec#{runId}", message.GetProperty("channel").GetString()));
        Assert.Equal("""{"out":[1]}""", messages[^1].GetProperty("data").GetProperty("outputs").GetRawText());
        await EqualAsync(server, runId, messages);
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(512)]
    public async Task A_deep_value_is_shown_whole(int levels)
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Echo(server)), server.NewId());
        var deep = JsonValues.Parse(new string('[', levels) + new string(']', levels));
        await using var client = await server.ConnectAsync();
        await server.StartRunAsync(runId, graph, JsonValues.Object(KeyValuePair.Create("text", deep)));
        await client.WatchRunAsync(runId, fromSequence: 0);

        var messages = await client.UntilEndAsync();

        Assert.Equal($$"""{"out":[{{JsonValues.Compact(deep)}}]}""", messages[^1].GetProperty("data").GetProperty("outputs").GetRawText());
        Assert.Contains(messages, message => message.GetProperty("data").TryGetProperty("output_data", out var outputs) && outputs.GetRawText().Contains(JsonValues.Compact(deep), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Runs_of_a_graph_are_watched_without_their_nodes()
    {
        await using var server = await LiveServer.StartAsync();
        var graph = await server.StoreAsync(Echo(server));
        var other = await server.StoreAsync(Echo(server));
        await using var client = await server.ConnectAsync();
        await client.WatchGraphAsync(graph.Id);

        await server.StartRunAsync(server.NewId(), other, new { text = 1 });
        for (var i = 0; i < 3; i++)
        {
            var runId = server.NewId();
            await server.StartRunAsync(runId, graph, new { text = i });
            var messages = await client.UntilEndAsync();
            Assert.All(messages, message => Assert.Equal($"user-1|graph#{graph.Id}|executions", message.GetProperty("channel").GetString()));
            var expected = (await server.ExpectedAsync(runId)).Where(liveEvent => !liveEvent.TryGetProperty("node_id", out _));
            Assert.Equal(expected.Select(liveEvent => liveEvent.GetRawText()), messages.Select(message => message.GetProperty("data").GetRawText()));
        }
    }

    [Fact]
    public async Task However_many_runs_of_a_graph_end_none_is_shown_again()
    {
        await using var server = await LiveServer.StartAsync(options => options.CheckEvery = TimeSpan.FromMilliseconds(100));
        var graph = await server.StoreAsync(Echo(server));
        await using var client = await server.ConnectAsync();
        await client.WatchGraphAsync(graph.Id);

        const int Runs = 1200;
        var starting = Task.Run(async () =>
        {
            foreach (var batch in Enumerable.Range(0, Runs).Chunk(40))
                await Task.WhenAll(batch.Select(i => server.StartRunAsync(server.NewId(), graph, new { text = i })));
        });
        var seen = new HashSet<(string Run, long Sequence)>();
        for (var ends = 0; ends < Runs;)
        {
            var message = await client.NextAsync();
            var run = message.GetProperty("data").GetProperty("id").GetString()!;
            Assert.True(seen.Add((run, LiveClient.Sequence(message))), $"Event {LiveClient.Sequence(message)} of run {run} was shown again.");
            if (LiveClient.IsEnd(message)) ends++;
        }

        await starting;
    }

    [Fact]
    public async Task A_run_that_has_ended_is_not_shown_again_however_long_its_socket_stays()
    {
        var clock = new ManualClock();
        await using var server = await LiveServer.StartAsync(clock: clock);
        var graph = await server.StoreAsync(Echo(server));
        await using var client = await server.ConnectAsync();
        var runId = server.NewId();
        await client.WatchGraphAsync(graph.Id);
        await server.StartRunAsync(runId, graph, new { text = 1 });
        await client.UntilEndAsync();
        await client.WatchRunAsync(runId, fromSequence: 0);
        await client.UntilEndAsync();

        for (var i = 0; i < 12; i++)
        {
            // Each time a check is due, and a run of which everything is shown follows.
            clock.Advance(TimeSpan.FromSeconds(10));
            await server.StartRunAsync(server.NewId(), graph, new { text = i });
            Assert.DoesNotContain(await client.UntilEndAsync(), message => message.GetProperty("data").GetProperty("id").GetString() == runId.ToString());
        }
    }

    [Fact]
    public async Task A_socket_on_both_channels_gets_a_graph_event_once_for_each()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Gated(server)), server.NewId());
        await using var client = await server.ConnectAsync();
        await client.WatchGraphAsync(graph.Id);
        await server.StartRunAsync(runId, graph);
        var before = await UntilAsync(client, IsRunning);
        await client.WatchRunAsync(runId);

        server.Blocks.Open("gate");
        var messages = await client.UntilEndAsync();
        messages.Add(await client.NextAsync());

        var graphEvents = messages.Where(message => message.GetProperty("method").GetString() == "graph_execution_event").GroupBy(LiveClient.Sequence);
        Assert.All(graphEvents, twins => Assert.Equal(2, twins.Select(message => message.GetProperty("channel").GetString()).Distinct(StringComparer.Ordinal).Count()));
        Assert.Equal(before.Concat(messages).Select(LiveClient.Sequence).Distinct().Count(), server.Writer.Count);
    }

    [Fact]
    public async Task Only_what_happens_after_the_subscription_is_sent()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Gated(server)), server.NewId());
        await using var early = await server.ConnectAsync();
        await server.StartRunAsync(runId, graph);
        await early.WatchRunAsync(runId, fromSequence: 0);
        var seen = await UntilAsync(early, message => Status(message, "gated") == "RUNNING");

        await using var late = await server.ConnectAsync();
        await late.WatchRunAsync(runId);
        server.Blocks.Open("gate");
        var messages = await late.UntilEndAsync();

        Assert.Equal(LiveClient.Sequence(seen[^1]) + 1, LiveClient.Sequence(messages[0]));
        await EqualAsync(server, runId, [.. seen, .. messages]);
        await using var tooLate = await server.ConnectAsync();
        await tooLate.WatchRunAsync(runId);
        Assert.Equal("heartbeat", (await tooLate.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
    }

    [Fact]
    public async Task A_run_that_was_under_way_before_anybody_listened_is_watched_from_then_on()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Gated(server)), server.NewId());
        await server.StartRunAsync(runId, graph);
        await using var byRun = await server.ConnectAsync();
        await using var byGraph = await server.ConnectAsync();
        await byGraph.WatchGraphAsync(graph.Id);
        await byRun.WatchRunAsync(runId, fromSequence: 0);
        await UntilAsync(byRun, message => Status(message, "gated") == "RUNNING");

        server.Blocks.Open("gate");

        await byRun.UntilEndAsync();
        Assert.Equal("COMPLETED", (await byGraph.UntilEndAsync())[^1].GetProperty("data").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Nobody_sees_the_runs_of_another_user()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Echo(server)), server.NewId());
        await using var owner = await server.ConnectAsync();
        await using var stranger = await server.ConnectAsync("user-2");
        await owner.WatchGraphAsync(graph.Id);
        await stranger.WatchGraphAsync(graph.Id);

        await server.StartRunAsync(runId, graph, new { text = 1 });
        await owner.UntilEndAsync();

        Assert.Equal("error", (await stranger.WatchRunAsync(runId)).GetProperty("method").GetString());
        Assert.Equal("error", (await stranger.WatchRunAsync(runId, fromSequence: 0)).GetProperty("method").GetString());
        Assert.Equal("heartbeat", (await stranger.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
    }

    [Fact]
    public async Task A_run_that_the_user_does_not_have_is_refused_and_whether_somebody_else_has_it_cannot_be_told()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxSubscriptions = 1);
        var (graph, runId) = (await server.StoreAsync(Echo(server)), server.NewId());
        await server.StartRunAsync(runId, graph, new { text = 1 });
        await using var stranger = await server.ConnectAsync("user-2");

        foreach (var id in new[] { runId.ToString(), server.NewId().ToString(), "no id at all", "", Guid.Empty.ToString() })
        {
            foreach (var from in new[] { "", ""","from_seq":0""" })
            {
                Assert.Equal(
                    $$"""{"method":"error","data":null,"success":false,"channel":null,"error":"Graph execution #{{id}} does not exist."}""",
                    (await stranger.AskAsync($$$"""{"method":"subscribe_graph_execution","data":{"graph_exec_id":"{{{id}}}"{{{from}}}}}""")).GetRawText());
            }
        }

        // None of these was a subscription.
        Assert.True((await stranger.WatchGraphAsync(graph.Id)).GetProperty("success").GetBoolean());
    }

    [Fact]
    public async Task An_ended_subscription_gets_nothing_more()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Gated(server)), server.NewId());
        await using var leaving = await server.ConnectAsync();
        await using var staying = await server.ConnectAsync();
        await leaving.WatchGraphAsync(graph.Id);
        await server.StartRunAsync(runId, graph);
        await leaving.WatchRunAsync(runId);
        await staying.WatchRunAsync(runId, fromSequence: 0);
        await UntilAsync(staying, message => Status(message, "gated") == "RUNNING");
        await leaving.SendAsync($$$"""{"method":"unsubscribe","data":{"graph_exec_id":"{{{runId}}}"}}""");
        await leaving.SendAsync($$$"""{"method":"unsubscribe","data":{"graph_id":"{{{graph.Id}}}"}}""");
        await UntilAsync(leaving, message => message.GetProperty("method").GetString() == "unsubscribe");
        await UntilAsync(leaving, message => message.GetProperty("method").GetString() == "unsubscribe");

        server.Blocks.Open("gate");
        await staying.UntilEndAsync();

        Assert.Equal("heartbeat", (await leaving.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
    }

    [Fact]
    public async Task A_client_that_unsubscribes_while_it_catches_up_gets_nothing_more_and_can_go_on_later()
    {
        await using var server = await LiveServer.StartAsync(options => options.MaxWaitingMessages = 4);
        var graph = await server.StoreAsync(new LiveGraph(server.NewId()).Stream("stream", """{"count": 100, "bytes": 100000}"""));
        var runId = server.NewId();
        await using var first = await server.ConnectAsync();
        await server.StartRunAsync(runId, graph);
        await first.WatchRunAsync(runId, fromSequence: 0);
        await first.UntilEndAsync();

        await using var client = await server.ConnectAsync();
        var messages = new List<JsonElement>();
        while (messages.Count == 0 || !LiveClient.IsEnd(messages[^1]))
        {
            await client.WatchRunAsync(runId, messages.Count == 0 ? 0 : LiveClient.Sequence(messages[^1]));
            for (var i = 0; i < 5 && (messages.Count == 0 || !LiveClient.IsEnd(messages[^1])); i++) messages.Add(await client.NextAsync());
            await client.SendAsync($$$"""{"method":"unsubscribe","data":{"graph_exec_id":"{{{runId}}}"}}""");
            messages.AddRange((await UntilAsync(client, message => message.GetProperty("method").GetString() == "unsubscribe")).SkipLast(1));
            Assert.Equal("heartbeat", (await client.AskAsync("""{"method":"heartbeat"}""")).GetProperty("method").GetString());
        }

        await EqualAsync(server, runId, messages);
    }

    [Fact]
    public async Task Clients_that_subscribe_while_a_run_ends_get_each_event_once_and_in_order()
    {
        await using var server = await LiveServer.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            var gate = $"gate{i}";
            var graph = await server.StoreAsync(new LiveGraph(server.NewId()).Step("gated", $$"""{"gate": "{{gate}}", "value": 1}""").Output("out").Link("gated.value", "out.value"));
            var runId = server.NewId();
            await using var follower = await server.ConnectAsync();
            await server.StartRunAsync(runId, graph);
            await follower.WatchRunAsync(runId, fromSequence: 0);
            var seen = await UntilAsync(follower, message => Status(message, "gated") == "RUNNING");
            var late = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.ConnectAsync()));

            server.Blocks.Open(gate);
            // Half of them ask from the beginning, half for what follows.
            await Task.WhenAll(late.Select((client, index) => client.WatchRunAsync(runId, index % 2 == 0 ? 0 : null)));
            seen.AddRange(await follower.UntilEndAsync());
            var expected = seen.Select(message => message.GetRawText()).ToList();

            foreach (var client in late.Where((_, index) => index % 2 == 0))
                Assert.Equal(expected, (await client.UntilEndAsync()).Select(message => message.GetRawText()));
            foreach (var client in late.Where((_, index) => index % 2 == 1))
            {
                await client.SendAsync("""{"method":"heartbeat"}""");
                var first = await client.NextAsync();
                // Those that subscribed after the end get nothing; the others get all that follows the first event.
                if (first.GetProperty("method").GetString() == "heartbeat") continue;
                var received = new List<JsonElement> { first };
                while (!LiveClient.IsEnd(received[^1]))
                {
                    var next = await client.NextAsync();
                    if (next.GetProperty("method").GetString() != "heartbeat") received.Add(next);
                }

                Assert.Equal(expected.TakeLast(received.Count), received.Select(message => message.GetRawText()));
            }

            foreach (var client in late) await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Who_comes_back_gets_each_event_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Streaming(server, count: 40)), server.NewId());
        await server.StartRunAsync(runId, graph);
        var messages = new List<JsonElement>();
        for (var gate = 0; messages.Count == 0 || !LiveClient.IsEnd(messages[^1]);)
        {
            await using var client = await server.ConnectAsync();
            await client.WatchRunAsync(runId, messages.Count == 0 ? 0 : LiveClient.Sequence(messages[^1]));
            for (var opened = random.Next(4, 12); opened > 0; opened--) server.Blocks.Open($"gate{gate++}");
            for (var left = random.Next(1, 20); left > 0 && (messages.Count == 0 || !LiveClient.IsEnd(messages[^1])); left--) messages.Add(await client.NextAsync());
            client.Abort();
        }

        await EqualAsync(server, runId, messages);
    }

    [Fact]
    public async Task A_restart_in_between_loses_no_event()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Streaming(server, count: 10)), server.NewId());
        var messages = new List<JsonElement>();
        await using (var client = await server.ConnectAsync())
        {
            await server.StartRunAsync(runId, graph);
            await client.WatchRunAsync(runId, fromSequence: 0);
            for (var i = 0; i < 4; i++) server.Blocks.Open($"gate{i}");
            messages.AddRange(await UntilAsync(client, message => Outputs(message, "stream") == 3));
            client.Abort();
        }

        await server.RestartAsync();
        await using var again = await server.ConnectAsync();
        await again.WatchRunAsync(runId, LiveClient.Sequence(messages[^1]));
        for (var i = 4; i < 10; i++) server.Blocks.Open($"gate{i}");
        messages.AddRange(await again.UntilEndAsync());

        await EqualAsync(server, runId, messages);
    }

    [Fact]
    public async Task A_finished_run_is_shown_again_to_who_asks_from_the_beginning()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Echo(server)), server.NewId());
        await using var first = await server.ConnectAsync();
        await server.StartRunAsync(runId, graph, new { text = 1 });
        await first.WatchRunAsync(runId, fromSequence: 0);
        await first.UntilEndAsync();

        await using var second = await server.ConnectAsync();
        await second.WatchRunAsync(runId, fromSequence: 0);

        await EqualAsync(server, runId, await second.UntilEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_hundred_sockets_on_one_run_cost_one_reading_and_one_writing_of_each_event(bool apart)
    {
        await using var server = await LiveServer.StartAsync(apart: apart);
        var (graph, runId) = (await server.StoreAsync(Streaming(server, count: 5)), server.NewId());
        var clients = new List<LiveClient>();
        await using var first = await server.ConnectAsync();
        await first.WatchGraphAsync(graph.Id);
        await server.StartRunAsync(runId, graph);
        var before = await UntilAsync(first, IsRunning);
        await first.AskAsync($$$"""{"method":"unsubscribe","data":{"graph_id":"{{{graph.Id}}}"}}""");
        for (var i = 0; i < 200; i++)
        {
            clients.Add(await server.ConnectAsync());
            await clients[i].WatchRunAsync(runId);
        }

        for (var i = 0; i < 5; i++) server.Blocks.Open($"gate{i}");
        var received = await Task.WhenAll(clients.Select(BytesUntilEndAsync));

        Assert.All(received, messages => Assert.Equal(received[0], messages));
        var (written, read) = (server.Writer.Count, server.Log.Events);
        var expected = await server.ExpectedAsync(runId);
        Assert.Equal(before.Count + received[0].Count, written);
        Assert.Equal(expected.TakeLast(received[0].Count).Select(liveEvent => liveEvent.GetRawText()), received[0].Select(text => JsonElement.Parse(text).GetProperty("data").GetRawText()));
        Assert.InRange(read, apart ? 1 : 0, expected.Count);
        foreach (var client in clients) await client.DisposeAsync();
    }

    [Fact]
    public async Task Who_comes_back_while_the_database_is_away_waits_for_it()
    {
        await using var server = await LiveServer.StartAsync();
        var (graph, runId) = (await server.StoreAsync(Echo(server)), server.NewId());
        await using var first = await server.ConnectAsync();
        await server.StartRunAsync(runId, graph, new { text = 1 });
        await first.WatchRunAsync(runId, fromSequence: 0);
        await first.UntilEndAsync();

        server.Log.FailOnce(new NpgsqlException("away", new IOException("broken pipe")));
        await using var second = await server.ConnectAsync();
        await second.WatchRunAsync(runId, fromSequence: 0);
        await EqualAsync(server, runId, await second.UntilEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_reading_is_made_good_by_the_next(bool apart)
    {
        await using var server = await LiveServer.StartAsync(options => options.CheckEvery = TimeSpan.FromMilliseconds(100), apart: apart);
        var (graph, runId) = (await server.StoreAsync(Gated(server)), server.NewId());
        await server.StartRunAsync(runId, graph);
        List<JsonElement> seen;
        await using (var before = await server.ConnectAsync())
        {
            await before.WatchRunAsync(runId, fromSequence: 0);
            seen = await UntilAsync(before, message => Status(message, "gated") == "RUNNING");
            await before.AskAsync($$$"""{"method":"unsubscribe","data":{"graph_exec_id":"{{{runId}}}"}}""");
        }

        await using var client = await server.ConnectAsync();
        server.Log.FailOnce();
        server.Log.FailOnce();
        await client.WatchRunAsync(runId);
        server.Blocks.Open("gate");

        await EqualAsync(server, runId, seen.Concat(await client.UntilEndAsync()));
    }

    private static LiveGraph Echo(LiveServer server) => new LiveGraph(server.NewId()).Input("text").Output("out").Link("text.result", "out.value");

    private static LiveGraph Gated(LiveServer server) => new LiveGraph(server.NewId()).Step("gated", """{"gate": "gate", "value": 1}""").Output("out").Link("gated.value", "out.value");

    private static LiveGraph Streaming(LiveServer server, int count) =>
        new LiveGraph(server.NewId()).Stream("stream", $$"""{"count": {{count}}, "gate": "gate"}""").Step("step").Output("out").Link("stream.value", "step.value").Link("step.value", "out.value");

    private static bool IsRunning(JsonElement message) => message.GetProperty("method").GetString() == "graph_execution_event" && message.GetProperty("data").GetProperty("status").GetString() == "RUNNING";

    private static string? Status(JsonElement message, string nodeId) =>
        message.GetProperty("data").TryGetProperty("node_id", out var node) && node.GetString() == nodeId ? message.GetProperty("data").GetProperty("status").GetString() : null;

    private static int Outputs(JsonElement message, string nodeId) =>
        Status(message, nodeId) is not null && message.GetProperty("data").GetProperty("output_data").TryGetProperty("value", out var values) ? values.GetArrayLength() : 0;

    private static async Task<List<JsonElement>> UntilAsync(LiveClient client, Func<JsonElement, bool> condition)
    {
        var messages = new List<JsonElement>();
        do messages.Add(await client.NextAsync());
        while (!condition(messages[^1]));
        return messages;
    }

    private static async Task<List<string>> BytesUntilEndAsync(LiveClient client)
    {
        var messages = new List<string>();
        do messages.Add(Encoding.UTF8.GetString((await client.NextBytesAsync())!));
        while (!LiveClient.IsEnd(JsonElement.Parse(messages[^1])));
        return messages;
    }

    /// <summary>What was received is what the log says, each event once and in order.</summary>
    private static async Task EqualAsync(LiveServer server, Guid runId, IEnumerable<JsonElement> messages)
    {
        var expected = await server.ExpectedAsync(runId);
        Assert.Equal(expected.Select(liveEvent => liveEvent.GetRawText()), messages.Select(message => message.GetProperty("data").GetRawText()));
    }
}
