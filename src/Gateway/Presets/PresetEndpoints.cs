using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Presets;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Presets;

/// <summary>The routes of presets (contract: semantics 8.3). The library of which they are a part is not built yet: each graph of a user counts as in it (decision 39).</summary>
internal sealed class PresetEndpoints(IGrainFactory grains, IPresetStore presets, PresetReader reader, AgentNames agents, ExecutionStarter starter)
{
    private const string Path = "/api/library/presets";
    /// <summary>The most presets of a page. The contract has no limit; this one bounds what one request reads.</summary>
    private const int MostPresets = 1000;

    private static readonly Parameter PresetId = Parameter.PathText("preset_id");
    private static readonly string[] Tags = ["v2", "presets"];

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", Path, "getV2List presets", "Your presets, newest first, in pages", Tags)
            {
                Parameters =
                [
                    new Parameter("page", "query", false, """{"type": "integer", "minimum": 1, "default": 1}"""),
                    new Parameter("page_size", "query", false, """{"type": "integer", "minimum": 1, "default": 10}"""),
                    new Parameter("graph_id", "query", true, """{"anyOf": [{"type": "string"}, {"type": "null"}]}"""),
                ],
                Answers = [typeof(LibraryAgentPresetResponse)],
            },
            ListAsync);
        routes.MapOperation(
            new Operation("POST", Path, "postV2Create a new preset", "Stores a graph with inputs and credentials, or those of a run", Tags)
            {
                Creates = true,
                Body = typeof(LibraryAgentPresetCreatable),
                OtherBody = ("graph_execution_id", typeof(LibraryAgentPresetCreatableFromGraphExecution)),
                Answers = [typeof(LibraryAgentPreset)],
            },
            CreateAsync);
        routes.MapOperation(
            new Operation("POST", Path + "/setup-trigger", "postV2SetupTrigger", "Stores a preset that a webhook triggers, and registers the webhook", Tags)
            {
                Creates = true,
                Body = typeof(TriggeredPresetSetupRequest),
                Answers = [typeof(LibraryAgentPreset)],
            },
            SetUpAsync);
        routes.MapOperation(
            new Operation("POST", "/api/library/agents/{library_agent_id}/setup-trigger", "postV2SetupTrigger_legacy", "The older form of setup-trigger; the agent is named by the id of its graph", "v2", "library", "private")
            {
                Creates = true,
                Parameters = [Parameter.PathText("library_agent_id")],
                Body = typeof(TriggeredPresetSetupParams),
                Answers = [typeof(LibraryAgentPreset)],
                Deprecated = true,
            },
            SetUpOfAgentAsync);
        routes.MapOperation(
            new Operation("GET", Path + "/{preset_id}", "getV2Get a specific preset", "A preset", Tags) { Parameters = [PresetId], Answers = [typeof(LibraryAgentPreset)] },
            async request => ApiResponse.Ok(await reader.ReadAsync(await FindAsync(request) ?? throw NotFound(request), request.Aborted)));
        routes.MapOperation(
            new Operation("PATCH", Path + "/{preset_id}", "patchV2Update an existing preset", "Changes a preset; new inputs of a triggered one set its webhook up again", Tags)
            {
                Parameters = [PresetId],
                Body = typeof(LibraryAgentPresetUpdatable),
                Answers = [typeof(LibraryAgentPreset)],
            },
            UpdateAsync);
        routes.MapOperation(
            new Operation("DELETE", Path + "/{preset_id}", "deleteV2Delete a preset", "Deletes a preset, and its webhook when nothing else uses it", Tags) { Parameters = [PresetId], Status = 204 },
            DeleteAsync);
        routes.MapOperation(
            new Operation("POST", Path + "/{preset_id}/execute", "postV2Execute a preset", "Starts a run with the inputs and credentials of a preset, which those of the body replace key by key", Tags)
            {
                Creates = true,
                Parameters = [PresetId],
                Body = typeof(ExecutePresetBody),
                BodyRequired = false,
                Answers = [typeof(GraphExecutionMeta)],
            },
            ExecuteAsync);
    }

    private static ApiException NotFound(ApiRequest request) => ApiException.Detail(404, $"Preset #{request.Path("preset_id")} not found").BeforeAnyChange();

    private static JsonPayload Payload<T>(T value) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(value, GatewayJson.Options));

    private static void Require(PresetAnswer answer)
    {
        if (answer.Outcome == PresetOutcome.Done) return;
        throw (answer.Outcome switch
        {
            PresetOutcome.NotFound => ApiException.Detail(404, answer.Reason!),
            PresetOutcome.GraphGone => ApiException.Detail(410, answer.Reason!),
            PresetOutcome.NotConfigured => ApiException.Error(503, answer.Reason!),
            PresetOutcome.ProviderAway => ApiException.Unavailable(answer.Reason!),
            PresetOutcome.NotSetUp => ApiException.Detail(400, answer.Reason!),
            _ => ApiException.Error(400, answer.Reason!),
        }).BeforeAnyChange();
    }

    private static Guid GraphId(string text, int status) => Guid.TryParseExact(text, "D", out var id)
        ? id
        : throw ApiException.Detail(status, status == 410 ? $"Graph #{text} not accessible (anymore)" : $"Graph #{text} not found").BeforeAnyChange();

    private IUserPresetsGrain Mine(ApiRequest request) => grains.GetGrain<IUserPresetsGrain>(request.Caller.UserId);

    private Task<PresetRow?> FindAsync(ApiRequest request) =>
        request.PathId("preset_id") is { } id ? presets.FindAsync(request.Caller.UserId, id, request.Aborted) : Task.FromResult<PresetRow?>(null);

    private async Task<ApiResponse> ListAsync(ApiRequest request)
    {
        var page = request.QueryNumber("page", 1, least: 1)!.Value;
        var size = request.QueryNumber("page_size", 10, least: 1, most: MostPresets)!.Value;
        var graph = request.RequiredQueryText("graph_id");
        request.Require();
        Guid? graphId = null;
        // The parameter is required, and an empty one stands for null: all presets.
        if (graph.Length > 0)
        {
            if (!Guid.TryParseExact(graph, "D", out var id)) return Page([], 0, page, size);
            graphId = id;
        }

        var (found, total) = await presets.ListAsync(request.Caller.UserId, graphId, (page - 1L) * size, size, request.Aborted);
        return Page(await reader.ReadAsync(found, request.Aborted), total, page, size);
    }

    private static ApiResponse Page(IReadOnlyList<LibraryAgentPreset> found, int total, int page, int size) => ApiResponse.Ok(new LibraryAgentPresetResponse
    {
        Presets = found,
        Pagination = new Pagination { TotalItems = total, TotalPages = (int)((total + (long)size - 1) / size), CurrentPage = page, PageSize = size },
    });

    private async Task<ApiResponse> CreateAsync(ApiRequest request)
    {
        var id = request.Identity.ResourceId;
        if (request.Body!.Value.TryGetProperty("graph_execution_id", out _))
        {
            var ofRun = request.BodyAs<LibraryAgentPresetCreatableFromGraphExecution>();
            if (!Guid.TryParseExact(ofRun.GraphExecutionId, "D", out var runId)) throw ApiException.Detail(404, $"Graph execution #{ofRun.GraphExecutionId} not found").BeforeAnyChange();
            Require(await Mine(request).CreateFromRun(new NewPreset { Id = id, GraphId = Guid.Empty, GraphVersion = 0, Name = ofRun.Name, Description = ofRun.Description, IsActive = ofRun.IsActive }, runId));
            return await StoredAsync(request, id);
        }

        var body = request.BodyAs<LibraryAgentPresetCreatable>();
        Guid? webhookId = null;
        if (body.WebhookId is { Length: > 0 } given) webhookId = Guid.TryParseExact(given, "D", out var known) ? known : throw ApiException.Detail(404, $"Webhook #{given} not found").BeforeAnyChange();
        Require(await Mine(request).Create(new NewPreset
        {
            Id = id,
            GraphId = GraphId(body.GraphId, 404),
            GraphVersion = body.GraphVersion,
            Name = body.Name,
            Description = body.Description,
            Inputs = Payload(body.Inputs),
            Credentials = Payload(body.Credentials),
            IsActive = body.IsActive,
            WebhookId = webhookId,
        }));
        return await StoredAsync(request, id);
    }

    private async Task<ApiResponse> SetUpAsync(ApiRequest request)
    {
        var body = request.BodyAs<TriggeredPresetSetupRequest>();
        return await SetUpAsync(request, new GraphKey(GraphId(body.GraphId, 410), body.GraphVersion), (body.Name, body.Description), Payload(body.TriggerConfig), Payload(body.AgentCredentials));
    }

    private async Task<ApiResponse> SetUpOfAgentAsync(ApiRequest request)
    {
        var body = request.BodyAs<TriggeredPresetSetupParams>();
        var agent = request.PathId("library_agent_id") is { } id ? await agents.FindAsync(request.Caller.UserId, id, request.Aborted) : null;
        if (agent is null) throw ApiException.Detail(404, $"Library agent #{request.Path("library_agent_id")} not found").BeforeAnyChange();
        return await SetUpAsync(request, agent, (body.Name, body.Description), Payload(body.TriggerConfig), Payload(body.AgentCredentials));
    }

    private async Task<ApiResponse> SetUpAsync(ApiRequest request, GraphKey graph, (string Name, string Description) text, JsonPayload config, JsonPayload credentials)
    {
        var id = request.Identity.ResourceId;
        Require(await Mine(request).SetUpTrigger(new NewPreset
        {
            Id = id,
            GraphId = graph.Id,
            GraphVersion = graph.Version,
            Name = text.Name,
            Description = text.Description,
            Inputs = config,
            Credentials = credentials,
        }));
        return await StoredAsync(request, id);
    }

    private async Task<ApiResponse> UpdateAsync(ApiRequest request)
    {
        if (request.PathId("preset_id") is not { } id) throw NotFound(request);
        var body = request.BodyAs<LibraryAgentPresetUpdatable>();
        Require(await Mine(request).Update(new PresetChange
        {
            Id = id,
            Name = body.Name?.Replace("\0", "", StringComparison.Ordinal),
            Description = body.Description?.Replace("\0", "", StringComparison.Ordinal),
            Inputs = body.Inputs is { } inputs ? Payload(inputs) : null,
            Credentials = body.Credentials is { } credentials ? Payload(credentials) : null,
            IsActive = body.IsActive,
        }));
        return await StoredAsync(request, id);
    }

    private async Task<ApiResponse> DeleteAsync(ApiRequest request)
    {
        if (request.PathId("preset_id") is not { } id) throw NotFound(request);
        Require(await Mine(request).Delete(id));
        return ApiResponse.NoContent;
    }

    private async Task<ApiResponse> ExecuteAsync(ApiRequest request)
    {
        await starter.RequireBalanceAsync(request);
        var preset = await FindAsync(request) ?? throw NotFound(request);
        var body = request.Body is null ? new ExecutePresetBody() : request.BodyAs<ExecutePresetBody>();
        return await starter.StartAsync(request, new RunOrder(preset.GraphId, preset.GraphVersion)
        {
            Inputs = Merged(preset.Inputs, body.Inputs),
            Credentials = Merged(preset.Credentials, body.CredentialInputs),
            PresetId = preset.Id.ToString(),
            IsOfPreset = true,
        });
    }

    /// <summary>The members of a stored object with those that replace them.</summary>
    private static JsonPayload Merged<T>(ReadOnlyMemory<byte> stored, IReadOnlyDictionary<string, T> given)
    {
        var merged = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(stored.Span, GatewayJson.Options)!;
        foreach (var (name, value) in given) merged[name] = JsonSerializer.SerializeToElement(value, GatewayJson.Options);
        return JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Object(merged)));
    }

    private async Task<ApiResponse> StoredAsync(ApiRequest request, Guid id)
    {
        var row = await presets.FindAsync(request.Caller.UserId, id, request.Aborted) ?? throw ApiException.Detail(404, $"Preset #{id} was deleted while it was stored.");
        return ApiResponse.Ok(await reader.ReadAsync(row, request.Aborted));
    }
}
