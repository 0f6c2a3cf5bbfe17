using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Storage.Credentials;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Integrations;

/// <summary>The routes of providers, credentials and logins (contract: semantics 4, section Integrations). No answer contains a secret (decision 5).</summary>
internal sealed class CredentialEndpoints(IGrainFactory grains, ProviderList providers, CredentialAccessQueries accesses)
{
    private const int MostAccesses = 200;

    private static readonly Parameter Provider = Parameter.PathText("provider");
    private static readonly Parameter CredentialId = Parameter.PathText("cred_id");
    private static readonly Parameter Force = new("force", "query", false, """{"type": "boolean", "default": false}""");
    private static readonly Parameter Scopes = new("scopes", "query", false, """{"type": "string", "default": ""}""");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        MapProviders(routes);
        routes.MapOperation(
            Operation("GET", "/credentials", "getV1List credentials", "Your credentials, and those of the platform, without their secrets") with { Answers = [typeof(CredentialsMetaResponse[])] },
            async request => ApiResponse.Ok((await ListAsync(request)).Select(CredentialMapping.ToMeta)));
        routes.MapOperation(
            Operation("GET", "/{provider}/credentials", "getV1ListCredentialsByProvider", "The same of one provider") with { Parameters = [Provider], Answers = [typeof(CredentialsMetaResponse[])] },
            async request => ApiResponse.Ok((await ListAsync(request)).Where(meta => meta.Provider == request.Path("provider")).Select(CredentialMapping.ToMeta)));
        routes.MapOperation(
            Operation("POST", "/{provider}/credentials", "postV1Create credentials", "Stores credentials; the secrets are never shown again") with
            {
                Parameters = [Provider],
                Creates = true,
                Body = typeof(CredentialsBody),
                Status = 201,
                Answers = [typeof(CredentialsAnswer)],
                NewerAnswer = typeof(CredentialsMetaResponse),
            },
            CreateAsync);
        routes.MapOperation(
            Operation("GET", "/{provider}/credentials/{cred_id}", "getV1Get specific credential by id", "Credentials with masks in the place of their secrets") with
            {
                Parameters = [Provider, CredentialId],
                Answers = [typeof(CredentialsAnswer)],
                NewerAnswer = typeof(CredentialsMetaResponse),
            },
            GetAsync);
        routes.MapOperation(
            Operation("DELETE", "/{provider}/credentials/{cred_id}", "deleteV1DeleteCredentials", "Deletes credentials with their webhooks, and revokes their tokens") with
            {
                Parameters = [Provider, CredentialId, Force],
                Answers = [typeof(CredentialsDeletionResponse), typeof(CredentialsDeletionNeedsConfirmationResponse)],
            },
            DeleteAsync);
        routes.MapOperation(
            Operation("GET", "/{provider}/credentials/{cred_id}/accesses", "getV1List accesses to credentials", "What has used credentials and when, newest first; kept for 90 days") with
            {
                Parameters = [Provider, CredentialId, new Parameter("limit", "query", false, """{"type": "integer", "minimum": 1, "maximum": 200, "default": 50}""")],
                Answers = [typeof(CredentialAccesses)],
            },
            AccessesAsync);
        routes.MapOperation(
            Operation("GET", "/{provider}/login", "getV1Initiate oauth flow", "Begins a login at a provider, which lasts at most ten minutes") with
            {
                Parameters = [Provider, Scopes, Parameter.QueryText("credential_id", required: false)],
                Answers = [typeof(LoginResponse)],
            },
            LoginAsync);
        routes.MapOperation(
            Operation("POST", "/{provider}/callback", "postV1Exchange oauth code for tokens", "Ends a login; a state is accepted once") with
            {
                Parameters = [Provider],
                Creates = true,
                Body = typeof(CallbackBody),
                Answers = [typeof(CredentialsMetaResponse)],
            },
            CallbackAsync);
        routes.MapOperation(
            Operation("GET", "/ayrshare/sso_url", "getV1GetAyrshareSsoUrl", "Where accounts of social media are connected; not configured here") with { Answers = [typeof(AyrshareSsoResponse)] },
            _ => throw ApiException.Detail(500, "Ayrshare integration is not configured"));
    }

    private static Operation Operation(string method, string path, string id, string summary) => new(method, "/api/integrations" + path, id, summary, "v1", "integrations");

    private void MapProviders(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            Operation("GET", "/providers", "getV1ListProviders", "The names of all providers") with { IsPublic = true, Answers = [typeof(string[])], NewerAnswer = typeof(ProviderMetadata[]) },
            async request => ApiResponse.Ok(request.IsNewerShape ? await providers.ListAsync() : ProviderNames.All));
        routes.MapOperation(
            Operation("GET", "/providers/system", "getV1ListSystemProviders", "The providers that the platform has credentials of") with { IsPublic = true, Answers = [typeof(string[])] },
            // A user who has no credentials of his own.
            async _ => ApiResponse.Ok((await grains.GetGrain<IUserCredentialsGrain>(GatewayOptions.Nobody).List()).Where(meta => meta.IsSystem).Select(meta => meta.Provider)));
        routes.MapOperation(
            Operation("GET", "/providers/names", "getV1GetProviderNames", "The names of all providers, as an object") with { IsPublic = true, Answers = [typeof(ProviderNamesResponse)] },
            _ => Task.FromResult(ApiResponse.Ok(new ProviderNamesResponse { Providers = ProviderNames.All })));
        routes.MapOperation(
            Operation("GET", "/providers/constants", "getV1GetProviderConstants", "The names of all providers by constant") with { IsPublic = true, Answers = [typeof(ProviderConstants)] },
            _ => Task.FromResult(ApiResponse.Ok(new ProviderConstants { Names = ProviderNames.All.ToDictionary(ProviderNames.Constant, name => name, StringComparer.Ordinal) })));
        routes.MapOperation(
            Operation("GET", "/providers/enum-example", "getV1GetProviderEnumExample", "The name of a provider") with { IsPublic = true, Answers = [typeof(ProviderEnumResponse)] },
            _ => Task.FromResult(ApiResponse.Ok(new ProviderEnumResponse { Provider = ProviderNames.All[0] })));
    }

    private async Task<IEnumerable<CredentialMeta>> ListAsync(ApiRequest request) => await User(request).List();

    private async Task<ApiResponse> CreateAsync(ApiRequest request)
    {
        var isNewer = request.IsNewerShape;
        var content = CredentialMapping.ToContent(request.Path("provider"), request.Body!.Value);
        var given = Engine.Values.JsonValues.Member(request.Body.Value, "id") is { ValueKind: System.Text.Json.JsonValueKind.String } id ? id.GetString() : null;
        var answer = await Credential(request, given is { Length: > 0 } ? given : request.Identity.ResourceId.ToString()).Create(content);
        // A request that is repeated finds what its first attempt has stored.
        var isStored = answer.Verdict == CredentialVerdict.Exists && request.IsRepeated && answer.Credential is { } stored && stored.Provider == content.Provider && stored.Type == content.Type;
        if (answer.Verdict != CredentialVerdict.Done && !isStored)
            throw answer.Verdict == CredentialVerdict.Exists ? ApiException.Detail(500, $"Failed to store credentials: {answer.Message}").BeforeAnyChange() : Refusal(answer.Verdict, answer.Message);
        return new ApiResponse(201, Shaped(answer.Credential!, isNewer));
    }

    private async Task<ApiResponse> GetAsync(ApiRequest request)
    {
        var isNewer = request.IsNewerShape;
        return ApiResponse.Ok(Shaped(await FindAsync(request), isNewer));
    }

    private async Task<CredentialMeta> FindAsync(ApiRequest request)
    {
        var id = request.Path("cred_id");
        return (await ListAsync(request)).FirstOrDefault(meta => meta.Id == id && meta.Provider == request.Path("provider")) ?? throw ApiException.Detail(404, "Credentials not found");
    }

    private async Task<ApiResponse> AccessesAsync(ApiRequest request)
    {
        var limit = request.QueryNumber("limit", 50, 1, MostAccesses)!.Value;
        request.Require();
        var credential = await FindAsync(request);
        var rows = await accesses.ListAsync(request.Caller.UserId, credential.Id, limit + 1, request.Aborted);
        return ApiResponse.Ok(new CredentialAccesses { Accesses = [.. rows.Take(limit).Select(CredentialMapping.ToAccess)], HasMore = rows.Count > limit });
    }

    /// <summary>Secrets are masked in the bodies of the contract, and absent in those of newer versions.</summary>
    private static object Shaped(CredentialMeta credential, bool isNewer) => isNewer ? CredentialMapping.ToMeta(credential) : CredentialMapping.ToMasked(credential);

    private async Task<ApiResponse> DeleteAsync(ApiRequest request)
    {
        var force = request.QueryFlag("force");
        request.Require();
        var deletion = await Credential(request, request.Path("cred_id")).Delete(request.Path("provider"), force);
        return deletion.Verdict switch
        {
            CredentialVerdict.Done => ApiResponse.Ok(new CredentialsDeletionResponse { Revoked = deletion.Revoked }),
            CredentialVerdict.NeedsConfirmation => ApiResponse.Ok(new CredentialsDeletionNeedsConfirmationResponse { Message = deletion.Message! }),
            _ => throw Refusal(deletion.Verdict, deletion.Message, deletes: true),
        };
    }

    private async Task<ApiResponse> LoginAsync(ApiRequest request)
    {
        var answer = await User(request).BeginLogin(new BeginLogin
        {
            Provider = request.Path("provider"),
            Scopes = [.. (request.QueryText("scopes") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            CredentialId = request.QueryText("credential_id") is { Length: > 0 } id ? id : null,
        });
        if (answer.Verdict != CredentialVerdict.Done) throw Refusal(answer.Verdict, answer.Message);
        return ApiResponse.Ok(new LoginResponse { LoginUrl = answer.Url!, StateToken = answer.State! });
    }

    private async Task<ApiResponse> CallbackAsync(ApiRequest request)
    {
        var body = request.BodyAs<CallbackBody>();
        var answer = await User(request).CompleteLogin(new CompleteLogin { Provider = request.Path("provider"), Code = body.Code, State = body.StateToken });
        if (answer.Verdict != CredentialVerdict.Done) throw Refusal(answer.Verdict, answer.Message);
        return ApiResponse.Ok(CredentialMapping.ToMeta(answer.Credential!));
    }

    private IUserCredentialsGrain User(ApiRequest request) => grains.GetGrain<IUserCredentialsGrain>(request.Caller.UserId);

    private ICredentialGrain Credential(ApiRequest request, string id) =>
        // A line break separates the parts of the key, and no id has one.
        id.Length <= 200 && !id.Any(char.IsControl)
            ? grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(request.Caller.UserId, id))
            : throw ApiException.Detail(404, "Credentials not found").BeforeAnyChange();

    private static ApiException Refusal(CredentialVerdict verdict, string? message, bool deletes = false) => verdict switch
    {
        CredentialVerdict.NotFound or CredentialVerdict.NoOAuth => ApiException.Detail(404, message + (deletes && verdict == CredentialVerdict.NoOAuth ? "; use force=true to delete the credentials without revoking them" : "")),
        CredentialVerdict.NotConfigured => ApiException.Hint(501, message!, "Set the client id and secret of the provider" + (deletes ? ", or use force=true to delete the credentials without revoking them." : ".")),
        CredentialVerdict.NoFrontend => ApiException.Detail(500, message!),
        CredentialVerdict.Unreadable => ApiException.Error(503, message!),
        CredentialVerdict.Invalid => ApiException.Error(400, message!).BeforeAnyChange(),
        _ => ApiException.Detail(400, message!),
    };
}
