using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.ApiKeys;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.ApiKeys;

/// <summary>The routes by which users manage their keys for the external API (contract: semantics 8.5, section API Keys).</summary>
internal sealed class ApiKeyEndpoints(IApiKeyStore store, TimeProvider clock)
{
    /// <summary>How many keys a user may have that are not revoked, and how many a list has.</summary>
    private const int Most = 500;

    private const int MaxText = 1000;

    private static readonly Parameter KeyId = Parameter.PathText("key_id");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            Operation("GET", "", "getV1List user api keys", "Your API keys, newest first, at most 500") with { Answers = [typeof(APIKeyInfo[])] },
            async request => ApiResponse.Ok((await store.ListAsync(request.Caller.UserId, Most, request.Aborted)).Select(APIKeyInfo.Of)));
        routes.MapOperation(
            Operation("POST", "", "postV1Create new api key", "Makes an API key, whose text is shown only here") with
            {
                Body = typeof(CreateAPIKeyRequest),
                Answers = [typeof(CreateAPIKeyResponse)],
                Creates = true,
                AnswersSecret = true,
            },
            CreateAsync);
        routes.MapOperation(
            Operation("GET", "/{key_id}", "getV1Get specific api key", "An API key, without its text") with { Parameters = [KeyId], Answers = [typeof(APIKeyInfo)] },
            async request => await FindAsync(request) is { } key && key.UserId == request.Caller.UserId ? ApiResponse.Ok(APIKeyInfo.Of(key)) : throw ApiException.Detail(404, Unknown(request)));
        routes.MapOperation(
            Operation("DELETE", "/{key_id}", "deleteV1Revoke api key", "Revokes an API key for ever") with { Parameters = [KeyId], Answers = [typeof(APIKeyInfo)] },
            request => ChangeAsync(request, id => store.EndAsync(request.Caller.UserId, id, ApiKeyStatuses.Revoked, clock.GetUtcNow(), request.Aborted)));
        routes.MapOperation(
            Operation("POST", "/{key_id}/suspend", "postV1Suspend api key", "Makes an API key open nothing; a revoked one stays revoked") with { Parameters = [KeyId], Answers = [typeof(APIKeyInfo)] },
            request => ChangeAsync(request, id => store.EndAsync(request.Caller.UserId, id, ApiKeyStatuses.Suspended, clock.GetUtcNow(), request.Aborted)));
        routes.MapOperation(
            Operation("PUT", "/{key_id}/permissions", "putV1Update key permissions", "Replaces what an API key opens") with
            {
                Parameters = [KeyId],
                Body = typeof(UpdatePermissionsRequest),
                Answers = [typeof(APIKeyInfo)],
            },
            request => ChangeAsync(request, id => store.SetPermissionsAsync(request.Caller.UserId, id, Distinct(request.BodyAs<UpdatePermissionsRequest>().Permissions), request.Aborted)));
    }

    private static Operation Operation(string method, string path, string id, string summary) => new(method, "/api/api-keys" + path, id, summary, "v1", "api-keys");

    private static string Unknown(ApiRequest request) => $"API key #{request.Path("key_id")} not found";

    private static string[] Distinct(IReadOnlyList<string> permissions) => [.. permissions.Distinct(StringComparer.Ordinal)];

    private async Task<ApiResponse> CreateAsync(ApiRequest request)
    {
        var body = request.BodyAs<CreateAPIKeyRequest>();
        RequireShort("name", body.Name);
        RequireShort("description", body.Description);
        var text = ApiKeyText.Create();
        var key = new ApiKeyRow
        {
            Id = request.Identity.ResourceId,
            UserId = request.Caller.UserId,
            Name = body.Name,
            Description = body.Description,
            Head = text.Head,
            Tail = text.Tail,
            Salt = text.Salt,
            Hash = text.Hash,
            Permissions = Distinct(body.Permissions),
            CreatedAt = clock.GetUtcNow(),
        };
        // The text that an earlier request with this key of idempotency got is stored nowhere, so it is replaced.
        if (request.IsRepeated && await store.RenewAsync(key, request.Aborted) is { } renewed) return Answer(renewed, text);
        if (!await store.AddAsync(key, Most, request.Aborted)) throw ApiException.Error(400, $"You have {Most} API keys; revoke some that you do not use.").BeforeAnyChange();
        return Answer(key, text);
    }

    private static ApiResponse Answer(ApiKeyRow key, ApiKeyText text) => ApiResponse.Ok(new CreateAPIKeyResponse { ApiKey = APIKeyInfo.Of(key), PlainTextKey = text.Text });

    private static void RequireShort(string field, string? text)
    {
        if (text?.Length > MaxText) throw ApiException.Error(400, $"'{field}' has {text.Length} characters; at most {MaxText} are accepted.").BeforeAnyChange();
    }

    private async Task<ApiResponse> ChangeAsync(ApiRequest request, Func<Guid, Task<ApiKeyRow?>> change)
    {
        if (request.PathId("key_id") is { } id && await change(id) is { } changed) return ApiResponse.Ok(APIKeyInfo.Of(changed));
        throw await FindAsync(request) is null ? ApiException.Error(404, Unknown(request)) : ApiException.Error(403, $"API key #{request.Path("key_id")} belongs to another user");
    }

    private async Task<ApiKeyRow?> FindAsync(ApiRequest request) => request.PathId("key_id") is { } id ? await store.FindAsync(id, request.Aborted) : null;
}
