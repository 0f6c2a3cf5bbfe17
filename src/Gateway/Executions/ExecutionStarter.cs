using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Json;
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
internal sealed class ExecutionStarter(IGrainFactory grains, Readiness readiness)
{
    public async Task<ApiResponse> ExecuteAsync(ApiRequest request)
    {
        var version = request.PathNumber("graph_version");
        var presetId = request.QueryText("preset_id");
        request.Require();
        RefuseDryRun(request.Body);
        readiness.Require();
        var userId = request.Caller.UserId;
        // A run that may be there already has been let in, and is answered whatever has become of the balance.
        if (!request.Identity.Repeated && await grains.GetGrain<IUserWalletGrain>(userId).GetBalance() <= 0)
            throw ApiException.Detail(402, "Insufficient balance to execute the agent. Please top up your account.").BeforeAnyChange();

        var graphId = request.PathId("graph_id") ?? throw UnknownGraph(request, version);
        var credentials = Member(request.Body, "credentials_inputs") is { } given ? Shaped(given) : null;
        var masks = JsonPayload.EmptyObject;
        if (credentials is not null)
            masks = await grains.GetGrain<IGraphGrain>(graphId).MapCredentials(userId, version, credentials) ?? throw UnknownGraph(request, version);

        var inputs = Member(request.Body, "inputs") ?? JsonPayload.EmptyObject;
        var runId = request.Identity.ResourceId;
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
            MaxCost = MaxCost(request.Body),
        });
        if (!result.Accepted) throw Refused(result).BeforeAnyChange();
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
        }));
    }

    /// <summary>
    /// Refuses a dry run, which is not built: a real run in its place would have the effects that the caller wanted to avoid (decision 36).
    /// What is no boolean is refused too, because clients disagree on what it means.
    /// </summary>
    /// <exception cref="ApiException">501, or 422 for a value that is no boolean.</exception>
    private static void RefuseDryRun(JsonElement? body)
    {
        if (body is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("dry_run", out var wanted)) return;
        if (wanted.ValueKind is JsonValueKind.False or JsonValueKind.Null) return;
        if (wanted.ValueKind == JsonValueKind.True)
            throw ApiException.Error(501, "dry_run is not built yet, and the run was not started. Leave dry_run out, or set it to false, to run the agent with its effects.").BeforeAnyChange();
        throw ApiException.Invalid([new ValidationProblem("bool_type", ["body", "dry_run"], "Input should be a valid boolean", wanted)]);
    }

    private static long? MaxCost(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("max_cost", out var most) && most.ValueKind == JsonValueKind.Number ? most.GetInt64() : null;

    private static JsonPayload? Member(JsonElement? body, string name) =>
        body is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty(name, out var value) ? ApiRequest.Payload(value) : null;

    /// <summary>What the contract has of credentials and nothing else: it is stored, and shown to whoever watches.</summary>
    public static JsonPayload Shaped(JsonPayload credentials) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(
        JsonSerializer.Deserialize<Dictionary<string, CredentialsMetaInput>>(credentials.Memory.Span, GatewayJson.Options), GatewayJson.Options));

    private static ApiException UnknownGraph(ApiRequest request, int version) =>
        ApiException.Error(400, $"Graph #{request.Path("graph_id")} version {version} not found.").BeforeAnyChange();

    /// <summary>Errors that have a node and a pin go to their places; all others are told as text.</summary>
    private static ApiException Refused(StartRunResult result)
    {
        var problems = result.Problems;
        if (problems.Any(problem => problem.NodeId is null || problem.Field is null)) return ApiException.Error(400, string.Join("; ", problems.Select(problem => problem.Message)));
        var byNode = problems.GroupBy(problem => problem.NodeId!, StringComparer.Ordinal).ToDictionary(
            node => node.Key,
            node => (IReadOnlyDictionary<string, string>)node.GroupBy(problem => problem.Field!, StringComparer.Ordinal)
                .ToDictionary(field => field.Key, field => string.Join("; ", field.Select(problem => problem.Message)), StringComparer.Ordinal),
            StringComparer.Ordinal);
        return ApiException.Graph($"Graph validation failed: {problems.Length} {(problems.Length == 1 ? "issue" : "issues")} on {byNode.Count} {(byNode.Count == 1 ? "node" : "nodes")}", byNode);
    }
}
