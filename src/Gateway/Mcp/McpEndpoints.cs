using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Integrations;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces;
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
            new Operation("POST", "/api/mcp/discover-tools", "postV2Discover available tools on an MCP server", "The tools of an MCP server", "v2", "mcp") { Body = typeof(DiscoverToolsRequest), Answers = [typeof(DiscoverToolsResponse)] },
            DiscoverAsync);
        routes.MapOperation(
            new Operation("POST", "/api/mcp/token", "postV2Store a bearer token for an MCP server", "Stores the token of an MCP server as credentials, in the place of those it had", "v2", "mcp")
            {
                Body = typeof(McpStoreTokenRequest),
                Answers = [typeof(CredentialsMetaResponse)],
            },
            StoreTokenAsync);
    }

    private async Task<ApiResponse> DiscoverAsync(ApiRequest request)
    {
        var body = request.BodyAs<DiscoverToolsRequest>();
        var found = await grains.GetGrain<IMcpGrain>(request.Caller.UserId).Discover(body.ServerUrl, body.AuthToken is { Length: > 0 } token ? token : null);
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
        if (!Uri.TryCreate(body.ServerUrl.Trim(), UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https")) throw ApiException.Detail(400, $"'{body.ServerUrl}' is no http or https address.");
        if (body.Token.Trim().Length == 0) throw ApiException.Detail(400, "Token must not be blank.");
        // The same for each request about the server, so that a new token takes the place of the old one.
        var id = DerivedIds.Of(Encoding.UTF8.GetBytes($"token of mcp server {body.ServerUrl}")).ToString();
        var content = new CredentialContent
        {
            Provider = McpCredentials.Provider,
            Type = CredentialTypes.OAuth2,
            Title = $"MCP: {server.Host}",
            Secret = body.Token.Trim(),
            Metadata = JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Object(KeyValuePair.Create(McpCredentials.ServerUrl, JsonValues.From(body.ServerUrl))))),
        };
        var grain = grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(request.Caller.UserId, id));
        var answer = await grain.Create(content);
        if (answer.Verdict == CredentialVerdict.Exists) answer = await grain.Change(content);
        return answer switch
        {
            { Verdict: CredentialVerdict.Done, Credential: { } stored } => ApiResponse.Ok(CredentialMapping.ToMeta(stored) with { Host = body.ServerUrl }),
            { Verdict: CredentialVerdict.Busy } => throw ApiException.Unavailable(answer.Message!),
            _ => throw ApiException.Error(400, answer.Message!),
        };
    }
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
