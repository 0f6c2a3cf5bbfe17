using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Silo.Hosting;
using Grainflow.Silo.Running;
using Grainflow.Storage;
using Grainflow.Storage.Hosting;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run AGENT.json</c> while a server holds the instance lock, or with a cluster: the server runs the agent, and this process prints its progress.</summary>
internal static class RemoteAgentCommand
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a gateway may take to say that it is ready.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    /// <summary>Lets the server that holds the instance lock run the agent.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted. The run goes on.</param>
    /// <returns>An exit code.</returns>
    public static Task<int> AskServerAsync(CliOptions options, Settings settings, CancellationToken cancellationToken)
    {
        var server = ServerFile.Read(settings.DataFolder) ?? throw InUse("the server has just stopped; try again");
        if (options.AgentFile is null) throw InUse($"{server.Url} (process {server.ProcessId})");
        // Another folder is another database only where ./run starts the database.
        var otherData = settings.PrivateDatabase is null ? "another DATABASE_URL" : "another --data DIR";
        if (options.ScenarioFile is not null) throw InUse($"{server.Url} (process {server.ProcessId}); a scenario needs data of its own: {otherData}");
        return RunAsync(options, server.Url, reason => InUse($"{server.Url}, which does not answer: {reason}"), cancellationToken);
    }

    /// <summary>Lets a gateway of a cluster run the agent.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted. The run goes on.</param>
    /// <returns>An exit code.</returns>
    /// <exception cref="CliException">No gateway answers, or a scenario is asked for, which runs alone.</exception>
    public static async Task<int> AskClusterAsync(CliOptions options, Settings settings, ClusterSettings cluster, CancellationToken cancellationToken)
    {
        if (options.ScenarioFile is not null) throw new CliException("A scenario runs alone, with data of its own: leave CLUSTER out and give another --data DIR or DATABASE_URL.");
        var url = await FindGatewayAsync(settings, cluster, cancellationToken);
        return await RunAsync(options, url, reason => new CliException($"{url}, a gateway of cluster '{cluster.Name}', does not answer: {reason}"), cancellationToken);
    }

    /// <summary>The address of a gateway of a cluster: the first that answers, of those that have said last that they serve.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Cancelled when the command is interrupted.</param>
    /// <exception cref="CliException">No gateway answers.</exception>
    public static async Task<string> FindGatewayAsync(Settings settings, ClusterSettings cluster, CancellationToken cancellationToken)
    {
        await using var database = new Database(settings.DatabaseUrl, loggerFactory: null);
        var urls = (await new GatewayStore(database).FindAsync(cluster.Name, Environment.MachineName, cancellationToken)).Select(gateway => gateway.Url).ToList();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = AnswerLimit };
        foreach (var url in urls)
        {
            try
            {
                using var health = await client.GetAsync(new Uri(url + "/health/ready"), cancellationToken);
                if (health.IsSuccessStatusCode) return url;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Its process has died or cannot be reached from here: the next one is asked.
            }
        }

        throw new CliException(urls.Count == 0
            ? $"No gateway of cluster '{cluster.Name}' on this database can be reached from this machine. Start one: CLUSTER={cluster.Name} ./run"
            : $"None of the gateways of cluster '{cluster.Name}' is ready here: {string.Join(", ", urls)}.");
    }

    /// <summary>Stores the agent on the server, starts a run there, and prints its progress and result.</summary>
    private static async Task<int> RunAsync(CliOptions options, string url, Func<string, Exception> refusal, CancellationToken cancellationToken)
    {
        var agent = await FileText.ReadAsync(() => AgentFile.Read(options.AgentFile!), cancellationToken);
        var given = GivenCredential.Read(options.Credentials);
        var (document, inputs) = Prepare(agent, options.Inputs, given, options.DryRun);
        // The server is on this machine; a proxy of the environment could not reach it.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };
        var handover = new Handover(url);
        try
        {
            foreach (var credential in given) await StoreAsync(client, credential, agent.Name, cancellationToken);
            var graph = await AskAsync(client, HttpMethod.Post, "/api/graphs", Of(("graph", document), ("source", JsonValues.From("upload"))), agent.Name, cancellationToken);
            var graphId = graph.GetProperty("id").GetString();
            handover = handover with { Asked = true };
            var started = await AskAsync(
                client, HttpMethod.Post, $"/api/graphs/{graphId}/execute/{graph.GetProperty("version").GetInt32()}", Wanted(options, inputs), agent.Name, cancellationToken);

            var runId = started.GetProperty("id").GetString()!;
            handover = handover with { RunId = runId, Path = $"/api/graphs/{graphId}/executions/{runId}" };
            var progress = new RemoteProgress(options.JsonOnly ? null : Console.Error, graph);
            foreach (var warning in graph.Member("warnings") is { ValueKind: JsonValueKind.Array } warnings ? warnings.EnumerateArray().Select(warning => warning.GetProperty("message").GetString()) : [])
                progress.Say($"Warning: {warning}.");
            progress.Say($"{agent.Name}: run {runId} on {url}; it goes on when this command is interrupted");
            JsonElement run;
            // A text that changes is for a terminal alone, and none is shown behind the end.
            await using (options.JsonOnly || Console.IsErrorRedirected ? null : new RemoteTexts(client.BaseAddress, runId, progress.ShowText))
                run = await WatchAsync(client, handover.Path, agent.Name, progress, cancellationToken);
            progress.End(run);
            progress.Say("");
            return AgentCommand.Print(Result(run));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new CliException(handover.Interrupted(), ExitCodes.Interrupted);
        }
        // A server that dies while a connection is being made ends it with an error of the socket that the client does not wrap.
        catch (Exception exception) when (exception is HttpRequestException or SocketException or JsonException or KeyNotFoundException or OperationCanceledException)
        {
            throw handover.Asked ? new CliException(handover.Lost(ReasonOf(exception))) : refusal(ReasonOf(exception));
        }
    }

    /// <summary>How far the run has been handed to the server.</summary>
    /// <param name="Url">The server.</param>
    private sealed record Handover(string Url)
    {
        /// <summary>True once the server was asked to start the run.</summary>
        public bool Asked { get; init; }

        /// <summary>The run, or null until the server has answered with it.</summary>
        public string? RunId { get; init; }

        /// <summary>The path of the run in the API.</summary>
        public string Path { get; init; } = "";

        /// <summary>What the user reads after Ctrl-C or TERM.</summary>
        public string Interrupted()
        {
            if (!Asked) return "Interrupted before the run was started.";
            if (RunId is null) return $"Interrupted while {Url} was asked to start the run. {Url}/api/executions shows whether it has.";
            return $"""
                Interrupted. Run {RunId} goes on at {Url}.
                  look at it:  curl {ShellText.Quote(Url + Path)}
                  stop it:     curl -X POST {ShellText.Quote(Url + Path + "/stop")}
                """;
        }

        /// <summary>What the user reads when the server does not answer any more.</summary>
        public string Lost(string reason) =>
            $"{Url} does not answer any more: {reason}. "
            + (RunId is null ? "The run goes on at the next start with this data folder, if it was started." : $"Run {RunId} goes on at the next start with this data folder.");
    }

    /// <summary>The agent as the API takes it. Pins that the command line gives and system credentials become constants of their nodes.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="given">The inputs.</param>
    /// <param name="credentials">The credentials of the command line.</param>
    /// <param name="isDryRun">Whether inputs may be missing, and credentials are not needed.</param>
    /// <exception cref="CliException">An input is missing, is not known, or is not of the type, or a block is not known.</exception>
    public static (JsonElement Document, JsonElement Inputs) Prepare(AgentFile agent, IEnumerable<CliInput> given, IReadOnlyList<GivenCredential>? credentials = null, bool isDryRun = false)
    {
        var catalogue = new BlockCatalogue();
        agent.RequireBlocks(catalogue);
        var graphs = agent.Bundle.All.Select(graph => new GraphIndex(graph, catalogue)).ToList();
        var bound = new AgentInputs(graphs[0]).Bind(given, node => node.Id, complete: !isDryRun);
        var masks = isDryRun ? bound.Masks : new CredentialMasks(SystemCredentials.Ids.Keys.ToHashSet(StringComparer.Ordinal), credentials ?? []).Add(bound.Masks, graphs);
        var document = Document(agent.Bundle.Root, masks).EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value))
            .Append(KeyValuePair.Create("sub_graphs", JsonValues.Array(agent.Bundle.SubGraphs.Select(graph => Document(graph, masks)))));
        return (JsonValues.Object(document), JsonValues.Object(bound.Inputs));
    }

    /// <summary>The body that starts the run.</summary>
    private static JsonElement Wanted(CliOptions options, JsonElement inputs)
    {
        var members = new List<(string Name, JsonElement Value)> { ("inputs", inputs) };
        if (options.MaxCost is { } most) members.Add(("max_cost", JsonValues.From(most)));
        if (options.DryRun) members.Add(("dry_run", JsonValues.True));
        return Of(members);
    }

    /// <summary>Stores a credential of the command line on the server, in the place of the one that an earlier command has stored.</summary>
    private static async Task StoreAsync(HttpClient client, GivenCredential credential, string agent, CancellationToken cancellationToken)
    {
        var path = $"/api/integrations/{Uri.EscapeDataString(credential.Provider)}/credentials";
        using (var deletion = await client.DeleteAsync(new Uri($"{path}/{credential.Id}", UriKind.Relative), cancellationToken))
        {
            var answer = JsonValues.ParseUtf8(await deletion.Content.ReadAsByteArrayAsync(cancellationToken));
            if (answer.Member("need_confirmation") is { ValueKind: JsonValueKind.True }) throw credential.Refused("blocks of running agents use the one that an earlier command has given; try again when they have ended.");
            if (!deletion.IsSuccessStatusCode && deletion.StatusCode != HttpStatusCode.NotFound) throw credential.Refused(Reason(answer));
        }

        await AskAsync(client, HttpMethod.Post, path, credential.ToBody(), agent, cancellationToken);
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
            if (status.IsFinal() || status == ExecutionStatus.Review) return run;

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

        using var answer = await client.SendAsync(request, cancellationToken);
        var json = JsonValues.ParseUtf8(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        if (answer.IsSuccessStatusCode) return json;
        if (answer.StatusCode == HttpStatusCode.Unauthorized) throw InUse($"{client.BaseAddress}, which wants a token (ENABLE_AUTH): use its API, or other data (--data DIR, or DATABASE_URL where it is set)");
        throw new CliException($"{agent} cannot run.\n  {Reason(json)}");
    }

    /// <summary>Why a request has got no answer of the API.</summary>
    public static string ReasonOf(Exception exception) => exception switch
    {
        JsonException or KeyNotFoundException => "its answer is not that of a Grainflow server",
        OperationCanceledException => "it takes too long",
        _ => exception.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    /// <summary>Why the API has refused a request.</summary>
    public static string Reason(JsonElement answer)
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
