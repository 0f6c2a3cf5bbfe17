using System.Globalization;
using Grainflow.Blocks.Contract;
using Grainflow.Grains.Interfaces.Mcp;

namespace Grainflow.WebConsole.Credentials;

/// <summary>A header of a host-scoped credential while it is entered.</summary>
public sealed class HeaderLine
{
    /// <summary>The name of the header.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its value, a secret.</summary>
    public string Value { get; set; } = "";
}

/// <summary>A credential while it is entered (contract: semantics 4.1).</summary>
public sealed class CredentialForm
{
    private static readonly string[] Entered = [CredentialTypes.ApiKey, CredentialTypes.UserPassword, CredentialTypes.HostScoped];

    /// <summary>The provider.</summary>
    public string Provider { get; set; } = "";

    /// <summary>The kind, a type of the contract.</summary>
    public string Kind { get; set; } = CredentialTypes.ApiKey;

    /// <summary>What the user calls it; may be empty.</summary>
    public string Title { get; set; } = "";

    /// <summary>The key, a secret.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The last day on which the key is valid, as <c>yyyy-MM-dd</c>; empty when it does not expire.</summary>
    public string LastDay { get; set; } = "";

    /// <summary>The user name, a secret.</summary>
    public string Username { get; set; } = "";

    /// <summary>The password, a secret.</summary>
    public string Password { get; set; } = "";

    /// <summary>The host that headers are sent to; <c>*.</c> before it stands for all below it.</summary>
    public string Host { get; set; } = "";

    /// <summary>The headers for the host.</summary>
    public List<HeaderLine> Headers { get; } = [new()];

    /// <summary>The scopes of a login, with commas or spaces between; empty for those of the provider.</summary>
    public string Scopes { get; set; } = "";

    /// <summary>The address of the MCP server of a login.</summary>
    public string Server { get; set; } = "";

    /// <summary>Whether it is a login at an MCP server, which is named by its address and registers its client by itself.</summary>
    public bool IsMcpLogin => Provider == McpCredentials.Provider && Kind == CredentialTypes.OAuth2;

    /// <summary>The kinds to choose from.</summary>
    /// <param name="supported">What blocks and logins of the provider take; empty where no block uses it, so that all are offered that can be entered.</param>
    public static IReadOnlyList<string> Kinds(IReadOnlyList<string> supported) => supported.Count > 0 ? supported : Entered;

    /// <summary>The name of a kind for people.</summary>
    /// <param name="kind">A type of the contract.</param>
    public static string Name(string kind) => kind switch
    {
        CredentialTypes.ApiKey => "API key",
        CredentialTypes.UserPassword => "User name and password",
        CredentialTypes.HostScoped => "Headers for a host",
        CredentialTypes.OAuth2 => "Login (OAuth)",
        _ => kind,
    };

    /// <summary>The login that was entered.</summary>
    public LoginStart Login() => IsMcpLogin ? LoginStart.AtMcpServer(Server.Trim()) : LoginStart.At(Provider, Scopes, credentialId: null);

    /// <summary>Why it cannot be sent; null when it can.</summary>
    public string? Problem() => Kind switch
    {
        _ when Provider.Length == 0 => "Choose a provider.",
        _ when IsMcpLogin && !(Uri.TryCreate(Server.Trim(), UriKind.Absolute, out var server) && server.Scheme is "http" or "https") => "The address of the MCP server is needed, for example https://mcp.example.com/mcp.",
        CredentialTypes.ApiKey when ApiKey.Length == 0 => "The API key is needed.",
        CredentialTypes.ApiKey when LastDay.Length > 0 && !DateOnly.TryParseExact(LastDay, "yyyy-MM-dd", out _) => "Write the last day as 2026-01-31, or leave it empty.",
        CredentialTypes.UserPassword when Username.Length == 0 || Password.Length == 0 => "User name and password are needed.",
        CredentialTypes.HostScoped when Host.Trim().Length == 0 => "The host is needed, for example api.example.com or *.example.com.",
        CredentialTypes.HostScoped when Headers.TrueForAll(header => header.Name.Trim().Length == 0) => "At least one header is needed.",
        CredentialTypes.HostScoped when Headers.Exists(header => header.Name.Trim().Length > 0 && header.Value.Length == 0) => "Each header needs a value.",
        CredentialTypes.HostScoped when Headers.GroupBy(header => header.Name.Trim(), StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Key.Length > 0 && group.Count() > 1) is { } twice =>
            $"The header {twice.Key} is there twice.",
        _ => null,
    };

    /// <summary>The body of the request that stores it.</summary>
    public IReadOnlyDictionary<string, object?> Body()
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal) { ["type"] = Kind, ["provider"] = Provider, ["title"] = Title.Trim() is { Length: > 0 } title ? title : null };
        switch (Kind)
        {
            case CredentialTypes.UserPassword:
                (body["username"], body["password"]) = (Username, Password);
                break;
            case CredentialTypes.HostScoped:
                body["host"] = Host.Trim();
                body["headers"] = Headers.Where(header => header.Name.Trim().Length > 0).ToDictionary(header => header.Name.Trim(), header => header.Value, StringComparer.Ordinal);
                break;
            default:
                body["api_key"] = ApiKey.Trim();
                body["expires_at"] = LastDay.Length == 0
                    ? null
                    : new DateTimeOffset(DateOnly.ParseExact(LastDay, "yyyy-MM-dd", CultureInfo.InvariantCulture).AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds();
                break;
        }

        return body;
    }

    /// <summary>Forgets what is secret.</summary>
    public void Clear()
    {
        (ApiKey, Username, Password) = ("", "", "");
        Headers.Clear();
        Headers.Add(new HeaderLine());
    }
}

/// <summary>A login that is to begin.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Target">The path of REST that begins it.</param>
/// <param name="McpServer">The address of the MCP server; null for a login at another provider.</param>
public sealed record LoginStart(string Provider, string Target, string? McpServer)
{
    /// <summary>A login at an MCP server.</summary>
    /// <param name="server">The address of the server.</param>
    public static LoginStart AtMcpServer(string server) => new(McpCredentials.Provider, "/api/mcp/oauth/login", server);

    /// <summary>A login at a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="scopes">The scopes, with commas or spaces between; empty for those of the provider.</param>
    /// <param name="credentialId">The credential that is renewed; null for a new one.</param>
    public static LoginStart At(string provider, string scopes, string? credentialId)
    {
        var asked = string.Join(',', scopes.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return new(provider, $"/api/integrations/{Uri.EscapeDataString(provider)}/login?scopes={Uri.EscapeDataString(asked)}{(credentialId is null ? "" : $"&credential_id={Uri.EscapeDataString(credentialId)}")}", McpServer: null);
    }
}
