using System.Text.Json;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Integrations;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Interfaces.Mcp;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Mcp;

/// <summary>The routes by which the tools of MCP servers are found (contract: upstream 2c, <c>/api/mcp</c>).</summary>
internal sealed class McpEndpoints(IGrainFactory grains)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("POST", "/api/mcp/discover-tools", "postV2Discover available tools on an mcp server", "The tools of an MCP server", "v2", "mcp") { Body = typeof(DiscoverToolsRequest), Answers = [typeof(DiscoverToolsResponse)] },
            DiscoverAsync);
        routes.MapOperation(
            new Operation("POST", "/api/mcp/token", "postV2Store a bearer token for an mcp server", "Stores the token of an MCP server as credentials, in the place of those it had", "v2", "mcp")
            {
                Body = typeof(McpStoreTokenRequest),
                Answers = [typeof(CredentialsMetaResponse)],
            },
            StoreTokenAsync);
        routes.MapOperation(
            new Operation("POST", "/api/mcp/oauth/login", "postV2Initiate oauth login for an mcp server", "Begins a login at the authorization server of an MCP server", "v2", "mcp")
            {
                Body = typeof(McpOAuthLoginRequest),
                Answers = [typeof(McpOAuthLoginResponse)],
            },
            LoginAsync);
        routes.MapOperation(
            new Operation("POST", "/api/mcp/oauth/callback", "postV2Exchange oauth code for mcp tokens", "Ends a login and stores its tokens as credentials, in the place of those that the MCP server had", "v2", "mcp")
            {
                Body = typeof(McpOAuthCallbackRequest),
                Answers = [typeof(CredentialsMetaResponse)],
            },
            CallbackAsync);
    }

    private async Task<ApiResponse> DiscoverAsync(ApiRequest request)
    {
        var body = request.BodyAs<DiscoverToolsRequest>();
        var found = await Grain(request).Discover(new McpAccess { ServerUrl = body.ServerUrl, Token = body.AuthToken is { Length: > 0 } token ? token : null });
        if (found.Tools is not { } tools)
        {
            throw found.IsRefused
                ? ApiException.Detail(401, "This MCP server requires authentication. Please provide a valid auth token.")
                : ApiException.Detail(502, found.Error ?? "The MCP server could not be asked.");
        }

        return ApiResponse.Ok(new DiscoverToolsResponse
        {
            Tools = JsonSerializer.Deserialize<IReadOnlyList<McpToolResponse>>(tools.Memory.Span, GatewayJson.Options)!,
            ServerName = found.ServerName ?? new Uri(body.ServerUrl.Trim()).Host,
            ProtocolVersion = found.ProtocolVersion,
        });
    }

    private async Task<ApiResponse> StoreTokenAsync(ApiRequest request)
    {
        var body = request.BodyAs<McpStoreTokenRequest>();
        if (body.Token.Trim().Length == 0) throw ApiException.Detail(400, "Token must not be blank.");
        return Stored(await Grain(request).StoreToken(new McpAccess { ServerUrl = body.ServerUrl, Token = body.Token.Trim() }));
    }

    private async Task<ApiResponse> LoginAsync(ApiRequest request)
    {
        var answer = await Grain(request).BeginLogin(request.BodyAs<McpOAuthLoginRequest>().ServerUrl);
        return answer.Verdict switch
        {
            CredentialVerdict.Done => ApiResponse.Ok(new McpOAuthLoginResponse { LoginUrl = answer.Url!, StateToken = answer.State! }),
            CredentialVerdict.NotExchanged => throw ApiException.Detail(502, answer.Message!),
            var verdict => throw Refusal(verdict, answer.Message),
        };
    }

    private async Task<ApiResponse> CallbackAsync(ApiRequest request)
    {
        var body = request.BodyAs<McpOAuthCallbackRequest>();
        return Stored(await Grain(request).CompleteLogin(new McpCallback { Code = body.Code, State = body.StateToken, Issuer = body.Iss is { Length: > 0 } issuer ? issuer : null }));
    }

    private IMcpGrain Grain(ApiRequest request) => grains.GetGrain<IMcpGrain>(request.Caller.UserId);

    private static ApiResponse Stored(CredentialAnswer answer) =>
        answer is { Verdict: CredentialVerdict.Done, Credential: { } stored } ? ApiResponse.Ok(CredentialMapping.ToMeta(stored)) : throw Refusal(answer.Verdict, answer.Message);

    private static ApiException Refusal(CredentialVerdict verdict, string? message) => verdict switch
    {
        CredentialVerdict.NoFrontend => ApiException.Detail(500, message!),
        CredentialVerdict.Busy or CredentialVerdict.Unreadable => ApiException.Unavailable(message!),
        _ => ApiException.Detail(400, message!),
    };
}

[SecretBody]
internal sealed record DiscoverToolsRequest
{
    public required string ServerUrl { get; init; }

    public string? AuthToken { get; init; }
}

internal sealed record DiscoverToolsResponse
{
    public required IReadOnlyList<McpToolResponse> Tools { get; init; }

    public string? ServerName { get; init; }

    public string? ProtocolVersion { get; init; }
}

[SchemaName("MCPToolResponse")]
internal sealed record McpToolResponse
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required JsonElement InputSchema { get; init; }
}

[SecretBody, SchemaName("MCPStoreTokenRequest")]
internal sealed record McpStoreTokenRequest
{
    public required string ServerUrl { get; init; }

    public required string Token { get; init; }
}

[SchemaName("MCPOAuthLoginRequest")]
internal sealed record McpOAuthLoginRequest
{
    public required string ServerUrl { get; init; }
}

[SchemaName("MCPOAuthLoginResponse")]
internal sealed record McpOAuthLoginResponse
{
    public required string LoginUrl { get; init; }

    public required string StateToken { get; init; }
}

[SecretBody, SchemaName("MCPOAuthCallbackRequest")]
internal sealed record McpOAuthCallbackRequest
{
    public required string Code { get; init; }

    public required string StateToken { get; init; }

    /// <summary>Who the authorization server says it is, the parameter <c>iss</c> of the address that it leads back to (RFC 9207); null when there is none.</summary>
    public string? Iss { get; init; }
}
