using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Gateway.ApiKeys;
using Grainflow.Gateway.Builder;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Integrations;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Credentials;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.External;

/// <summary>Providers, credentials and logins for programs with an API key (contract: semantics 4.6 and 8.5, section External API).</summary>
internal sealed class ExternalIntegrationEndpoints(IGrainFactory grains, BuilderCatalogue blocks, IOptions<GatewayOptions> options)
{
    private const int MaxMetadataBytes = 64 * 1024;

    private static readonly Parameter Provider = Parameter.PathText("provider");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            Operation("GET", "/providers", "list_providers_v1_integrations_providers_get", "The providers, and how one signs in there", ApiKeyPermissions.ReadIntegrations) with { Answers = [typeof(ProviderInfo[])] },
            ProvidersAsync);
        routes.MapOperation(
            Operation("GET", "/credentials", "list_credentials_v1_integrations_credentials_get", "Your credentials, and those of the platform, without their secrets", ApiKeyPermissions.ReadIntegrations) with
            {
                Answers = [typeof(CredentialSummary[])],
            },
            async request => ApiResponse.Ok((await User(request).List()).Select(Summary)));
        routes.MapOperation(
            Operation("GET", "/{provider}/credentials", "list_credentials_by_provider_v1_integrations__provider__credentials_get", "The same of one provider", ApiKeyPermissions.ReadIntegrations) with
            {
                Parameters = [Provider],
                Answers = [typeof(CredentialSummary[])],
            },
            async request => ApiResponse.Ok((await User(request).List()).Where(meta => meta.Provider == request.Path("provider")).Select(Summary)));
        routes.MapOperation(
            Operation("POST", "/{provider}/credentials", "create_credential_v1_integrations__provider__credentials_post", "Stores credentials", ApiKeyPermissions.ManageIntegrations) with
            {
                Parameters = [Provider],
                Body = typeof(CreateCredentialBody),
                Status = 201,
                Answers = [typeof(CreateCredentialResponse)],
                Creates = true,
            },
            CreateAsync);
        routes.MapOperation(
            Operation("DELETE", "/{provider}/credentials/{cred_id}", "delete_credential_v1_integrations__provider__credentials__cred_id__delete", "Deletes credentials with their webhooks", ApiKeyPermissions.DeleteIntegrations) with
            {
                Parameters = [Provider, Parameter.PathText("cred_id")],
                Answers = [typeof(DeleteCredentialResponse)],
            },
            DeleteAsync);
        routes.MapOperation(
            Operation("POST", "/{provider}/oauth/initiate", "initiate_oauth_v1_integrations__provider__oauth_initiate_post", "Begins a login, which comes back to your page", ApiKeyPermissions.ManageIntegrations) with
            {
                Parameters = [Provider],
                Body = typeof(OAuthInitiateRequest),
                Answers = [typeof(OAuthInitiateResponse)],
            },
            InitiateAsync);
        routes.MapOperation(
            Operation("POST", "/{provider}/oauth/complete", "complete_oauth_v1_integrations__provider__oauth_complete_post", "Ends a login; a state is accepted once", ApiKeyPermissions.ManageIntegrations) with
            {
                Parameters = [Provider],
                Body = typeof(OAuthCompleteRequest),
                Creates = true,
                Answers = [typeof(OAuthCompleteResponse)],
            },
            CompleteAsync);
    }

    private static Operation Operation(string method, string path, string id, string summary, string permission) =>
        new(method, "/external-api/v1/integrations" + path, id, summary, "integrations") { Permission = permission };

    private static CredentialSummary Summary(CredentialMeta meta) => CredentialSummary.Of(CredentialMapping.ToMeta(meta));

    private IUserCredentialsGrain User(ApiRequest request) => grains.GetGrain<IUserCredentialsGrain>(request.Caller.UserId);

    private async Task<ApiResponse> ProvidersAsync(ApiRequest request)
    {
        var logins = (await User(request).ListLogins()).ToDictionary(login => login.Provider, StringComparer.Ordinal);
        var accepted = await blocks.CredentialTypesAsync();
        return ApiResponse.Ok(ProviderNames.All.Order(StringComparer.Ordinal).Select(name =>
        {
            var types = accepted.GetValueOrDefault(name);
            var login = logins.GetValueOrDefault(name);
            return new ProviderInfo
            {
                Name = name,
                SupportsOauth = login is not null,
                // Blocks that are not built may take keys of a provider that no built one names.
                SupportsApiKey = types?.Contains(CredentialTypes.ApiKey) ?? login is null,
                SupportsUserPassword = types?.Contains(CredentialTypes.UserPassword) == true,
                SupportsHostScoped = types?.Contains(CredentialTypes.HostScoped) == true,
                DefaultScopes = login?.DefaultScopes ?? [],
            };
        }));
    }

    private async Task<ApiResponse> CreateAsync(ApiRequest request)
    {
        var provider = request.Path("provider");
        if (!ProviderNames.All.Contains(provider, StringComparer.Ordinal)) throw ApiException.Detail(404, $"Provider '{provider}' not found").BeforeAnyChange();
        var content = CredentialMapping.ToContent(provider, JsonValues.Object(request.Body!.Value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value))
            .Append(KeyValuePair.Create("provider", JsonValues.From(provider)))));
        var answer = await grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(request.Caller.UserId, request.Identity.ResourceId.ToString())).Create(content);
        var isStored = answer.Verdict == CredentialVerdict.Done || (answer.Verdict == CredentialVerdict.Exists && request.IsRepeated);
        if (!isStored || answer.Credential is not { } stored) throw Refusal(answer.Verdict, $"Failed to store credentials: {answer.Message}");
        return new ApiResponse(201, new CreateCredentialResponse { Id = stored.Id, Provider = stored.Provider, Type = stored.Type, Title = stored.Title });
    }

    private async Task<ApiResponse> DeleteAsync(ApiRequest request)
    {
        var id = request.Path("cred_id");
        // A program cannot be asked for a confirmation.
        var deletion = await grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(request.Caller.UserId, id)).Delete(request.Path("provider"), force: true);
        return deletion.Verdict == CredentialVerdict.Done
            ? ApiResponse.Ok(new DeleteCredentialResponse { Deleted = true, CredentialsId = id })
            : throw Refusal(deletion.Verdict, deletion.Message);
    }

    private async Task<ApiResponse> InitiateAsync(ApiRequest request)
    {
        var body = request.BodyAs<OAuthInitiateRequest>();
        if (!Uri.TryCreate(body.CallbackUrl, UriKind.Absolute, out var callback) || !options.Value.ExternalOAuthCallbackOrigins.Contains(callback.GetLeftPart(UriPartial.Authority), StringComparer.OrdinalIgnoreCase))
        {
            const string Reason = "Callback URL origin is not allowed. The operator lists origins in EXTERNAL_OAUTH_CALLBACK_ORIGINS.";
            throw ApiException.Plain(400, new { detail = new[] { Reason } }, Reason);
        }

        var metadata = JsonSerializer.SerializeToUtf8Bytes(body.StateMetadata, GatewayJson.Options);
        if (metadata.Length > MaxMetadataBytes) throw ApiException.Detail(400, $"state_metadata has {metadata.Length} bytes; at most {MaxMetadataBytes} are accepted.");
        var answer = await User(request).BeginLogin(new BeginLogin
        {
            Provider = request.Path("provider"),
            Scopes = [.. body.Scopes],
            External = new ExternalLogin { CallbackUrl = callback.AbsoluteUri, Metadata = JsonPayload.Wrap(metadata), ApiKeyId = request.Caller.ApiKeyId!.Value },
        });
        return answer is { Verdict: CredentialVerdict.Done, Url: { } url, State: { } state, ExpiresAt: { } expires }
            ? ApiResponse.Ok(new OAuthInitiateResponse { LoginUrl = url, StateToken = state, ExpiresAt = expires.ToUnixTimeSeconds() })
            : throw Refusal(answer.Verdict, answer.Message);
    }

    private async Task<ApiResponse> CompleteAsync(ApiRequest request)
    {
        var body = request.BodyAs<OAuthCompleteRequest>();
        var answer = await User(request).CompleteLogin(new CompleteLogin { Provider = request.Path("provider"), Code = body.Code, State = body.StateToken, IsExternal = true });
        if (answer is not { Verdict: CredentialVerdict.Done, Credential: { } stored }) throw Refusal(answer.Verdict, answer.Message);
        return ApiResponse.Ok(new OAuthCompleteResponse
        {
            CredentialsId = stored.Id,
            Provider = stored.Provider,
            Type = stored.Type,
            Title = stored.Title,
            Scopes = stored.Scopes,
            Username = stored.Username,
            StateMetadata = answer.LoginMetadata is { } metadata ? JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(metadata.Memory.Span)! : [],
        });
    }

    private static ApiException Refusal(CredentialVerdict verdict, string? message) => verdict switch
    {
        CredentialVerdict.NotFound or CredentialVerdict.NoOAuth => ApiException.Detail(404, message ?? "Not found"),
        CredentialVerdict.Invalid or CredentialVerdict.InvalidState or CredentialVerdict.NotExchanged => ApiException.Detail(400, message ?? "Refused"),
        CredentialVerdict.NotConfigured => ApiException.Hint(501, message ?? "Not configured", "Set client ID/secret in the environment."),
        CredentialVerdict.Busy => ApiException.Unavailable(message ?? "Try again in a moment."),
        _ => ApiException.Detail(500, message ?? "Failed"),
    };
}
