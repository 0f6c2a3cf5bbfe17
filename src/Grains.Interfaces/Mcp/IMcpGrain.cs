using Grainflow.Grains.Interfaces.Credentials;

namespace Grainflow.Grains.Interfaces.Mcp;

/// <summary>Asks MCP servers for a user before a graph is built, and keeps the user's credentials for them; the key is the user id.</summary>
[Alias("grainflow.IMcpGrain")]
public interface IMcpGrain : IGrainWithStringKey
{
    /// <summary>Connects to a server and lists its tools.</summary>
    /// <param name="access">The server; without a token, the credentials that the user has stored for its address are used, if any.</param>
    [Alias("Discover"), ResponseTimeout("00:02:00")]
    Task<McpDiscovery> Discover(McpAccess access);

    /// <summary>Stores a bearer token as the credential of a server, in the place of the one it had.</summary>
    /// <param name="access">The server and the token.</param>
    [Alias("StoreToken")]
    Task<CredentialAnswer> StoreToken(McpAccess access);

    /// <summary>Begins a login at the authorization server of an MCP server, which is found and where a client is registered.</summary>
    /// <param name="serverUrl">The address of the MCP server.</param>
    [Alias("BeginLogin"), ResponseTimeout("00:02:00")]
    Task<LoginAnswer> BeginLogin(string serverUrl);

    /// <summary>Ends a login: exchanges the code and stores the credential. A state is accepted once, for ten minutes.</summary>
    /// <param name="callback">What the authorization server has sent back.</param>
    [Alias("CompleteLogin"), ResponseTimeout("00:02:00")]
    Task<CredentialAnswer> CompleteLogin(McpCallback callback);
}

/// <summary>An MCP server, and what it is shown.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.McpAccess")]
public sealed record McpAccess
{
    /// <summary>The address of the server, as the user gives it.</summary>
    [Id(0)]
    public required string ServerUrl { get; init; }

    /// <summary>A bearer token, a secret; null for none.</summary>
    [Id(1)]
    public string? Token { get; init; }

    /// <summary>A description without the secrets: messages may be logged.</summary>
    public override string ToString() => "access to an MCP server";
}

/// <summary>What an authorization server has sent back with the user.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.McpCallback")]
public sealed record McpCallback
{
    /// <summary>The code, a secret.</summary>
    [Id(0)]
    public required string Code { get; init; }

    /// <summary>The token of the login, a secret.</summary>
    [Id(1)]
    public required string State { get; init; }

    /// <summary>Who the authorization server says it is (RFC 9207); null when it does not say.</summary>
    [Id(2)]
    public string? Issuer { get; init; }

    /// <summary>A description without the secrets: messages may be logged.</summary>
    public override string ToString() => "callback of an MCP server";
}

/// <summary>What a server offers, or why it could not be asked.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.McpDiscovery")]
public sealed record McpDiscovery
{
    /// <summary>A JSON array of objects with <c>name</c>, <c>description</c> and <c>input_schema</c>; null when the server could not be asked.</summary>
    [Id(0)]
    public JsonPayload? Tools { get; init; }

    /// <summary>What the server calls itself, or null.</summary>
    [Id(1)]
    public string? ServerName { get; init; }

    /// <summary>The version of the protocol that both speak, or null.</summary>
    [Id(2)]
    public string? ProtocolVersion { get; init; }

    /// <summary>Why it could not be asked, without a secret; null when it could.</summary>
    [Id(3)]
    public string? Error { get; init; }

    /// <summary>Whether it refused the credentials, or wants some.</summary>
    [Id(4)]
    public bool IsRefused { get; init; }
}

/// <summary>The credentials of MCP servers.</summary>
public static class McpCredentials
{
    /// <summary>Their provider.</summary>
    public const string Provider = "mcp";

    /// <summary>The member of a credential's metadata with the address of its server.</summary>
    public const string ServerUrl = "mcp_server_url";
}
