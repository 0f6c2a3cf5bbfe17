using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Silo.Hosting;
using Grainflow.Silo.Running;
using Grainflow.Storage.Hosting;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run AGENT.json</c> while a server has the data: the server runs the agent, and this process watches.</summary>
internal static class RemoteAgentCommand
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(CliOptions options, Settings settings, CancellationToken cancellationToken)
    {
        var server = ServerFile.Read(settings.DataFolder) ?? throw InUse("the server has just stopped; try again");
        if (options.AgentFile is null) throw InUse($"{server.Url} (process {server.ProcessId})");
        if (options.ScenarioFile is not null) throw InUse($"{server.Url} (process {server.ProcessId}); a scenario needs a data folder of its own: --data DIR");

        var agent = AgentFile.Read(options.AgentFile);
        var (document, inputs) = Prepare(agent, options);
        using var client = new HttpClient { BaseAddress = new Uri(server.Url) };
        var graph = await AskAsync(client, HttpMethod.Post, "/api/graphs", Of(("graph", document), ("source", JsonValues.From("upload"))), agent.Name, cancellationToken);
        var graphId = graph.GetProperty("id").GetString();
        var started = await AskAsync(client, HttpMethod.Post, $"/api/graphs/{graphId}/execute/{graph.GetProperty("version").GetInt32()}", Of(("inputs", inputs)), agent.Name, cancellationToken);

        var runId = started.GetProperty("id").GetString();
        var progress = new RemoteProgress(options.JsonOnly ? null : Console.Error, graph);
        progress.Say($"{agent.Name}: run {runId} on {server.Url}; it goes on when this command is interrupted");
        var run = await WatchAsync(client, $"/api/graphs/{graphId}/executions/{runId}", agent.Name, progress, cancellationToken);
        var result = Result(run);
        progress.Say("");
        Console.Out.WriteLine(result.ToJson());
        return result.Status == "COMPLETED" ? ExitCodes.Success : ExitCodes.Refused;
    }

    /// <summary>The agent as the API takes it. Pins that the command line gives, and the platform's own credentials, become constants of their nodes.</summary>
    private static (JsonElement Document, JsonElement Inputs) Prepare(AgentFile agent, CliOptions options)
    {
        var catalogue = new BlockCatalogue();
        var graphs = agent.Bundle.All.Select(graph => new GraphIndex(graph, catalogue)).ToList();
        var bound = new AgentInputs(graphs[0]).Bind(options.Inputs, node => node.Id);
        var masks = CredentialMasks.Add(bound.Masks, graphs, SystemCredentials.Ids.Keys.ToHashSet(StringComparer.Ordinal));
        var document = Document(agent.Bundle.Root, masks).EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value))
            .Append(KeyValuePair.Create("sub_graphs", JsonValues.Array(agent.Bundle.SubGraphs.Select(graph => Document(graph, masks)))));
        return (JsonValues.Object(document), JsonValues.Object(bound.Inputs));
    }

    private static JsonElement Document(Graph graph, ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> masks) => JsonValues.ParseUtf8(GraphDocument.Write(graph with
    {
        Nodes = [.. graph.Nodes.Select(node => masks.TryGetValue(node.Id, out var mask)
            ? node with { InputDefault = JsonValues.Object(node.InputDefault.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)).Concat(mask)) }
            : node)],
    }));

    private static async Task<JsonElement> WatchAsync(HttpClient client, string path, string agent, RemoteProgress progress, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookAgain);
        while (true)
        {
            var run = await AskAsync(client, HttpMethod.Get, path, null, agent, cancellationToken);
            progress.Show(run);
            var status = ExecutionStatuses.Parse(run.GetProperty("status").GetString()!);
            if (status.IsFinal() || status == ExecutionStatus.Review)
            {
                progress.End(run);
                return run;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static RunResult Result(JsonElement run)
    {
        var outputs = new OrderedDictionary<string, List<JsonElement>>(StringComparer.Ordinal);
        foreach (var output in run.GetProperty("outputs").EnumerateObject()) outputs[output.Name] = [.. output.Value.EnumerateArray()];
        var measured = run.Member("stats") is { ValueKind: JsonValueKind.Object } stats ? stats : JsonValues.EmptyObject;
        var error = measured.Member("error") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        return new RunResult(
            run.GetProperty("id").GetGuid(), run.GetProperty("status").GetString()!, error, outputs,
            JsonValues.Object(measured.EnumerateObject().Where(member => member.Name is not ("error" or "activity_status" or "correctness_score"))
                .Select(member => KeyValuePair.Create(member.Name, member.Value))));
    }

    private static async Task<JsonElement> AskAsync(HttpClient client, HttpMethod method, string path, JsonElement? body, string agent, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is { } given)
        {
            request.Content = new ByteArrayContent(JsonValues.CompactUtf8(given));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var answer = await client.SendAsync(request, cancellationToken);
            var json = JsonValues.ParseUtf8(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            if (answer.IsSuccessStatusCode) return json;
            if (answer.StatusCode == HttpStatusCode.Unauthorized) throw InUse($"{client.BaseAddress}, which wants a token (ENABLE_AUTH): use its API, or another --data DIR");
            throw new CliException($"{agent} cannot run.\n  {Reason(json)}");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException)
        {
            throw InUse($"{client.BaseAddress}, which does not answer: {exception.Message}");
        }
    }

    private static string Reason(JsonElement answer)
    {
        if (answer.Member("detail") is not { } detail) return JsonValues.Compact(answer);
        if (detail.ValueKind == JsonValueKind.String) return detail.GetString()!;
        return detail.Member("node_errors") is { ValueKind: JsonValueKind.Object } nodes
            ? string.Join("\n  ", nodes.EnumerateObject().SelectMany(node => node.Value.EnumerateObject()).Select(field => field.Value.GetString()))
            : JsonValues.Compact(detail);
    }

    private static JsonElement Of(params IEnumerable<(string Name, JsonElement Value)> members) => JsonValues.Object(members.Select(member => KeyValuePair.Create(member.Name, member.Value)));

    private static DataInUseException InUse(string by) => new($"'grainflow' runs on this database already: {by}.");
}
