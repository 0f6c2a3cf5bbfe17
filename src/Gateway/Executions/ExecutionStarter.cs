using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Onboarding;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Gateway.Telemetry;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Storage.Execution;

namespace Grainflow.Gateway.Executions;

/// <summary>Starts runs (contract: semantics 2.2).</summary>
internal sealed class ExecutionStarter(IGrainFactory grains, IRunIds runIds, Readiness readiness, OnboardingReports onboarding)
{
    public async Task<ApiResponse> ExecuteAsync(ApiRequest request)
    {
        var version = request.PathNumber("graph_version");
        var presetId = request.QueryText("preset_id");
        request.Require();
        var isDryRun = IsDryRun(request.Body);
        if (isDryRun) readiness.Require();
        else await RequireBalanceAsync(request);
        return await StartAsync(request, new RunOrder(request.PathId("graph_id") ?? throw UnknownGraph(request.Path("graph_id"), version), version)
        {
            Inputs = Member(request.Body, "inputs") ?? JsonPayload.EmptyObject,
            Credentials = Member(request.Body, "credentials_inputs") is { } given ? Shaped(given) : null,
            PresetId = presetId,
            MaxCost = MaxCost(request.Body),
            IsDryRun = isDryRun,
            Source = request.Body?.Member("source")?.GetString(),
        });
    }

    /// <summary>Refuses a start while the server leaves, or when the caller has no credits.</summary>
    /// <exception cref="ApiException">402 or 503.</exception>
    public async Task RequireBalanceAsync(ApiRequest request)
    {
        readiness.Require();
        // A run that may be there already has been let in, and is answered whatever has become of the balance.
        if (!request.IsRepeated && await grains.GetGrain<IUserWalletGrain>(request.Caller.UserId).GetBalance() <= 0)
            throw ApiException.Detail(402, "Insufficient balance to execute the agent. Please top up your account.").BeforeAnyChange();
    }

    /// <summary>Starts a run with the identity of the request.</summary>
    /// <exception cref="ApiException">The graph is not there, or cannot run as asked.</exception>
    public async Task<ApiResponse> StartAsync(ApiRequest request, RunOrder order)
    {
        var userId = request.Caller.UserId;
        var (graphId, version) = (order.GraphId, order.GraphVersion);
        var (inputs, credentials, presetId) = (order.Inputs, order.Credentials, order.PresetId);
        var masks = JsonPayload.EmptyObject;
        if (credentials is not null)
            masks = await grains.GetGrain<IGraphGrain>(graphId).MapCredentials(userId, version, credentials) ?? throw (order.IsOfPreset ? Inaccessible(graphId, version) : UnknownGraph(graphId.ToString(), version));

        var runId = request.RunId(runIds);
        var result = await grains.GetGrain<IGraphExecutionGrain>(runId).Start(new StartRun
        {
            UserId = userId,
            GraphId = graphId,
            GraphVersion = version,
            Inputs = inputs,
            Masks = masks,
            CredentialInputs = credentials,
            PresetId = presetId,
            TraceParent = RequestTrace.Context,
            MaxCost = order.MaxCost,
            IsDryRun = order.IsDryRun,
        });
        if (!result.Accepted) throw Refused(result, order.IsOfPreset).BeforeAnyChange();
        if (!order.IsDryRun) onboarding.RunStarted(userId, graphId, order.Source);
        // As it was stored; what has become of it since is for those who ask again (contract: semantics 2.2 step 7).
        return ApiResponse.Ok(ExecutionReader.Meta(new ExecutionRow
        {
            Id = runId,
            UserId = userId,
            GraphId = graphId,
            GraphVersion = version,
            Status = "QUEUED",
            Inputs = JsonValues.CompactUtf8(JsonValues.Clean(JsonValues.ParseUtf8(inputs.Memory.Span))),
            CredentialInputs = credentials?.Memory,
            PresetId = presetId,
            TriggerSource = RunTriggers.Manual,
            IsDryRun = order.IsDryRun,
        }));
    }

    /// <summary>Whether a dry run is asked for (decision 36). What is no boolean is refused, because clients disagree on what it means, and a real run would have effects.</summary>
    /// <exception cref="ApiException">422 for a value that is no boolean.</exception>
    private static bool IsDryRun(JsonElement? body)
    {
        if (body is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("dry_run", out var wanted)) return false;
        if (wanted.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null) return wanted.ValueKind == JsonValueKind.True;
        throw ApiException.Invalid([new ValidationProblem("bool_type", ["body", "dry_run"], "Input should be a valid boolean", wanted)]);
    }

    private static long? MaxCost(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("max_cost", out var most) && most.ValueKind == JsonValueKind.Number ? most.GetInt64() : null;

    private static JsonPayload? Member(JsonElement? body, string name) =>
        body is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty(name, out var value) ? ApiRequest.Payload(value) : null;

    /// <summary>What the contract has of credentials and nothing else: it is stored, and shown to whoever watches.</summary>
    public static JsonPayload Shaped(JsonPayload credentials) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(
        JsonSerializer.Deserialize<Dictionary<string, CredentialsMetaInput>>(credentials.Memory.Span, GatewayJson.Options), GatewayJson.Options));

    private static ApiException UnknownGraph(string graphId, int version) => ApiException.Error(400, $"Graph #{graphId} version {version} not found.").BeforeAnyChange();

    private static ApiException Inaccessible(Guid graphId, int version) => ApiException.Error(403, $"You do not have access to graph #{graphId} v{version} any more.").BeforeAnyChange();

    /// <summary>Errors that have a node and a pin go to their places, unless <paramref name="asText"/> is true; all others are told as text.</summary>
    private static ApiException Refused(StartRunResult result, bool asText)
    {
        var problems = result.Problems;
        if (problems.Any(problem => problem.NodeId is null || problem.Field is null)) return ApiException.Error(400, string.Join("; ", problems.Select(problem => problem.Message)));
        var byNode = problems.GroupBy(problem => problem.NodeId!, StringComparer.Ordinal).ToDictionary(
            node => node.Key,
            node => (IReadOnlyDictionary<string, string>)node.GroupBy(problem => problem.Field!, StringComparer.Ordinal)
                .ToDictionary(field => field.Key, field => string.Join("; ", field.Select(problem => problem.Message)), StringComparer.Ordinal),
            StringComparer.Ordinal);
        var summary = $"Graph validation failed: {problems.Length} {(problems.Length == 1 ? "issue" : "issues")} on {byNode.Count} {(byNode.Count == 1 ? "node" : "nodes")}";
        return asText ? ApiException.Error(400, string.Join('\n', byNode.SelectMany(node => node.Value.Select(field => $"  {node.Key}: {field.Key}: {field.Value}")).Prepend(summary + ":"))) : ApiException.Graph(summary, byNode);
    }
}

/// <summary>What is to be run.</summary>
/// <param name="GraphId">The graph.</param>
/// <param name="GraphVersion">Its version.</param>
internal sealed record RunOrder(Guid GraphId, int GraphVersion)
{
    /// <summary>A JSON object of values by input name.</summary>
    public required JsonPayload Inputs { get; init; }

    /// <summary>A JSON object of credentials by key of the graph's schema, or null.</summary>
    public JsonPayload? Credentials { get; init; }

    /// <summary>The preset that the run is started from, or null.</summary>
    public string? PresetId { get; init; }

    /// <summary>Whether a preset is executed, which answers errors of the graph as one text, and 403 when it is gone (contract: errors.tsv).</summary>
    public bool IsOfPreset { get; init; }

    /// <summary>The most credits that the run may spend; null for no budget.</summary>
    public long? MaxCost { get; init; }

    /// <summary>Whether the run has no effects, credentials and charges (decision 36).</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Where the user has started it, as the contract names it; null when the client does not say.</summary>
    public string? Source { get; init; }
}
