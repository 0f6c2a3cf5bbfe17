using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Tests.Integrations;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Silo.Running;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>Texts that are shown while a model gives them, to those who ask for it (ADR 0040).</summary>
public sealed class PartialOutputTests
{
    private const string Answer = "canary-answer: tardigrades are tiny and hardy, and live almost everywhere on earth.";

    [Fact]
    public async Task Who_asks_for_it_sees_a_text_while_it_comes_and_all_others_see_what_they_saw_before()
    {
        var (asked, watched, seen) = (Signal(), Signal(), Signal());
        await using var models = await ScriptedModelServer.StartAsync();
        models.Answer = async _ =>
        {
            asked.SetResult();
            await watched.Task;
            return new ModelResponse { Text = Answer, Middle = seen.Task };
        };
        await using var server = new CredentialServer { Models = models.Origin };
        await server.InitializeAsync();
        var (user, stranger) = (server.Anybody(), server.Anybody());
        var run = await user.ExecuteAsync(await user.CreateAsync(TestGraph.AskingModel()));
        await asked.Task.WaitAsync(LiveClient.Patience, TestContext.Current.CancellationToken);
        await using var partial = await ConnectAsync(server, user);
        await using var plain = await ConnectAsync(server, user);
        await using var foreign = await ConnectAsync(server, stranger);

        Assert.True((await WatchAsync(partial, run, "true")).GetProperty("success").GetBoolean());
        Assert.True((await WatchAsync(plain, run, "null")).GetProperty("success").GetBoolean());
        Assert.Equal("error", (await WatchAsync(foreign, run, "true")).Text("method"));
        watched.SetResult();
        var received = new List<JsonElement>();
        do received.Add(await partial.NextAsync());
        while (!IsPartial(received[^1]));
        // The model has not given the second half of its answer yet.
        seen.SetResult();
        received.AddRange(await partial.UntilEndAsync());
        var others = await plain.UntilEndAsync();

        var texts = received.Where(IsPartial).Select(message => message.GetProperty("data")).ToList();
        Assert.All(texts, data =>
        {
            Assert.Equal(
                "user_id graph_id graph_version graph_exec_id node_exec_id node_id block_id status output_data event_type is_partial",
                string.Join(' ', data.EnumerateObject().Select(member => member.Name)));
            Assert.Equal((run.Id(), "RUNNING", "node_execution_update"), (data.Text("graph_exec_id"), data.Text("status"), data.Text("event_type")));
            var text = Assert.Single(data.GetProperty("output_data").GetProperty("response").EnumerateArray()).GetString()!;
            Assert.NotEmpty(text);
            Assert.StartsWith(text, Answer, StringComparison.Ordinal);
        });
        Assert.True(Text(texts[0]).Length < Answer.Length);
        var events = received.Where(message => !IsPartial(message)).ToList();
        Assert.Equal(others.Select(message => message.GetRawText()), events.Select(message => message.GetRawText()));
        Assert.Equal(events.Select(LiveClient.Sequence), Enumerable.Range((int)LiveClient.Sequence(events[0]), events.Count).Select(number => (long)number));
        // The end of the node comes after the last of its texts.
        Assert.True(received.FindLastIndex(IsPartial) < received.FindIndex(message => message.GetProperty("data").Member("node_id") is not null && message.GetProperty("data").Text("status") == "COMPLETED"));
        var ended = await user.EndAsync(run);
        Assert.Equal(Answer, Text(Assert.Single(ended.GetProperty("node_executions").EnumerateArray())));
        Assert.Equal("heartbeat", (await foreign.AskAsync("""{"method": "heartbeat", "data": "ping"}""")).Text("method"));
        await server.StopAsync();
        Assert.False(server.Log.Has("canary-answer"));
    }

    [Fact]
    public async Task A_command_whose_run_a_server_executes_gets_its_texts_too()
    {
        var (asked, seen) = (Signal(), Signal());
        await using var models = await ScriptedModelServer.StartAsync();
        models.Answer = async _ =>
        {
            await asked.Task;
            return new ModelResponse { Text = Answer, Middle = seen.Task };
        };
        await using var server = new CredentialServer { Models = models.Origin, IsOpen = true };
        await server.InitializeAsync();
        var user = server.With(null);
        var run = await user.ExecuteAsync(await user.CreateAsync(TestGraph.AskingModel()));

        var shown = new List<string>();
        await using (new RemoteTexts(new Uri(server.Address), run.Id(), text =>
        {
            shown.Add(text);
            seen.TrySetResult();
        }))
        {
            asked.SetResult();
            await seen.Task.WaitAsync(LiveClient.Patience, TestContext.Current.CancellationToken);
        }

        await user.EndAsync(run);
        Assert.All(shown, text => Assert.StartsWith(text, Answer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_server_there_are_no_texts_and_no_error()
    {
        await using var texts = new RemoteTexts(new Uri("http://127.0.0.1:9"), Guid.NewGuid().ToString(), _ => Assert.Fail("Nobody gave a text."));
    }

    [Fact]
    public async Task Whether_a_client_wants_texts_is_true_or_false()
    {
        await using var server = new CredentialServer();
        await server.InitializeAsync();
        await using var client = await ConnectAsync(server, server.Anybody());

        var refused = await client.AskAsync("""{"method": "subscribe_graph_execution", "data": {"graph_exec_id": "x", "partial": "yes"}}""");

        Assert.Equal(("error", "Invalid data: 'partial' must be true or false"), (refused.Text("method"), refused.Text("error")));
    }

    private static bool IsPartial(JsonElement message) => message.GetProperty("data").Member("is_partial") is not null;

    private static string Text(JsonElement node) => Assert.Single(node.GetProperty("output_data").GetProperty("response").EnumerateArray()).GetString()!;

    private static Task<LiveClient> ConnectAsync(CredentialServer server, ApiClient user) =>
        LiveClient.ConnectAsync(new Uri(server.Address.Replace("http", "ws", StringComparison.Ordinal) + "/ws?token=" + user.Token));

    private static Task<JsonElement> WatchAsync(LiveClient client, JsonElement run, string partial) =>
        client.AskAsync($$$"""{"method": "subscribe_graph_execution", "data": {"graph_exec_id": "{{{run.Id()}}}", "partial": {{{partial}}}}}""");

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
