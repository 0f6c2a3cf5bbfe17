using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Local;

namespace Grainflow.WebConsole.Services;

/// <summary>The live events of one run or of the runs of one agent, from the connection that any client has (contract: websocket).</summary>
public sealed class LiveFeed : IAsyncDisposable
{
    private readonly LocalConnection _connection;

    private LiveFeed(LocalConnection connection) => _connection = connection;

    /// <summary>Follows a run: first all its earlier events, each once and in order, then those that come.</summary>
    /// <param name="api">The interface of the user.</param>
    /// <param name="runId">The run.</param>
    /// <param name="received">Called with each event of the run and of its nodes, one at a time.</param>
    public static LiveFeed OfRun(ConsoleApi api, string runId, Func<JsonElement, Task> received)
    {
        var feed = new LiveFeed(api.Connect(message => Take(message, received)));
        feed._connection.Send("subscribe_graph_execution", new { graph_exec_id = runId, from_seq = 0 });
        return feed;
    }

    /// <summary>Follows the runs of an agent.</summary>
    /// <param name="api">The interface of the user.</param>
    /// <param name="graphId">The graph of the agent.</param>
    /// <param name="received">Called with each event of a run, one at a time.</param>
    public static LiveFeed OfAgent(ConsoleApi api, string graphId, Func<JsonElement, Task> received)
    {
        var feed = new LiveFeed(api.Connect(message => Take(message, received)));
        feed._connection.Send("subscribe_graph_executions", new { graph_id = graphId });
        return feed;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static Task Take(JsonElement message, Func<JsonElement, Task> received) =>
        message.Member("method")?.GetString() is "graph_execution_event" or "node_execution_event" && message.Member("data") is { ValueKind: JsonValueKind.Object } data ? received(data) : Task.CompletedTask;
}
