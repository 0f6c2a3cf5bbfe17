using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>The requests that providers want in different forms. This class has the usual ones.</summary>
internal class OAuthDialect
{
    /// <summary>The request that asks who the user is.</summary>
    /// <param name="address">The endpoint.</param>
    /// <param name="accessToken">The user's token.</param>
    public virtual HttpRequestMessage User(Uri address, string accessToken) => new(HttpMethod.Get, address) { Headers = { Authorization = new("Bearer", accessToken) } };

    /// <summary>The request that revokes a token (RFC 7009, section 2.1).</summary>
    /// <param name="address">The endpoint.</param>
    /// <param name="client">The client of the platform at the provider.</param>
    /// <param name="token">The token.</param>
    /// <param name="basic">Whether the client is authenticated by a header.</param>
    public virtual HttpRequestMessage Revoke(Uri address, OAuthClientKey client, string token, bool basic)
    {
        List<KeyValuePair<string, string>> form = [new("token", token)];
        if (!basic) form.AddRange([new("client_id", client.Id), new("client_secret", client.Secret)]);
        return new(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form), Headers = { Authorization = basic ? Basic(client) : null } };
    }

    /// <summary>What the answer for tokens tells besides them, without secrets.</summary>
    /// <param name="answer">The answer.</param>
    public virtual JsonObject Metadata(JsonElement answer) => [];

    /// <summary>Basic authentication of the client (RFC 6749, section 2.3.1).</summary>
    public static AuthenticationHeaderValue Basic(OAuthClientKey client) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(client.Id)}:{Uri.EscapeDataString(client.Secret)}")));
}

/// <summary>GitHub revokes by an endpoint of its own. Its tokens expire only where the application asks for it.</summary>
internal sealed class GitHubOAuth : OAuthDialect
{
    public override HttpRequestMessage Revoke(Uri address, OAuthClientKey client, string token, bool basic) =>
        new(HttpMethod.Delete, address.AbsoluteUri.Replace("%7Bclient_id%7D", Uri.EscapeDataString(client.Id), StringComparison.OrdinalIgnoreCase))
        {
            Headers = { Authorization = Basic(client), Accept = { new("application/vnd.github+json") } },
            Content = JsonContent.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["access_token"] = token }),
        };
}

/// <summary>Todoist tells who the user is by a request for a synchronisation.</summary>
internal sealed class TodoistOAuth : OAuthDialect
{
    public override HttpRequestMessage User(Uri address, string accessToken) => new(HttpMethod.Post, address)
    {
        Headers = { Authorization = new("Bearer", accessToken) },
        Content = new FormUrlEncodedContent([new("sync_token", "*"), new("resource_types", """["user"]""")]),
    };
}

/// <summary>Notion tells the workspace beside the token.</summary>
internal sealed class NotionOAuth : OAuthDialect
{
    private static readonly string[] Told = ["bot_id", "workspace_id", "workspace_name", "workspace_icon", "owner"];

    public override JsonObject Metadata(JsonElement answer) => new(
        answer.EnumerateObject().Where(member => Told.Contains(member.Name, StringComparer.Ordinal)).Select(member => KeyValuePair.Create(member.Name, (JsonNode?)JsonNode.Parse(member.Value.GetRawText()))));
}
