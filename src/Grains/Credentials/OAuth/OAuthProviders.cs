using System.Collections.Frozen;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>The providers of the contract (semantics 4.6). One more is a row here, and a class beside <see cref="OAuthDialect"/> where it differs.</summary>
internal static class OAuthProviders
{
    /// <summary>The providers by name.</summary>
    public static FrozenDictionary<string, OAuthProvider> All { get; } = new OAuthProvider[]
    {
        new("github", new("https://github.com/login/oauth/authorize"), new("https://github.com/login/oauth/access_token"))
        {
            User = new("https://api.github.com/user"),
            UserName = "login",
            Revoke = new("https://api.github.com/applications/{client_id}/token"),
            CanRefresh = true,
            Dialect = new GitHubOAuth(),
        },
        new("google", new("https://accounts.google.com/o/oauth2/v2/auth"), new("https://oauth2.googleapis.com/token"))
        {
            User = new("https://www.googleapis.com/oauth2/v2/userinfo"),
            UserName = "email",
            Revoke = new("https://oauth2.googleapis.com/revoke"),
            DefaultScopes = ["https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile", "openid"],
            Scopes = ScopeRule.DefaultAndAsked,
            AuthorizeParameters = [new("access_type", "offline"), new("include_granted_scopes", "true"), new("prompt", "consent")],
            NeedsRefreshToken = true,
            CanRefresh = true,
        },
        new("discord", new("https://discord.com/oauth2/authorize"), new("https://discord.com/api/oauth2/token"))
        {
            User = new("https://discord.com/api/oauth2/@me"),
            UserName = "user.username",
            Revoke = new("https://discord.com/api/oauth2/token/revoke"),
            RevokesRefreshToken = true,
            SendsPkce = true,
            DefaultScopes = ["identify"],
            CanRefresh = true,
        },
        new("twitter", new("https://twitter.com/i/oauth2/authorize"), new("https://api.x.com/2/oauth2/token"))
        {
            User = new("https://api.x.com/2/users/me"),
            UserName = "data.username",
            Revoke = new("https://api.x.com/2/oauth2/revoke"),
            RevokesRefreshToken = true,
            SendsPkce = true,
            DefaultScopes =
            [
                "tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "follows.read", "follows.write", "offline.access", "space.read", "mute.read",
                "mute.write", "like.read", "like.write", "list.read", "list.write", "block.read", "block.write", "bookmark.read", "bookmark.write",
            ],
            Scopes = ScopeRule.Default,
            SendsBasicAuthentication = true,
            CanRefresh = true,
        },
        new("reddit", new("https://www.reddit.com/api/v1/authorize"), new("https://www.reddit.com/api/v1/access_token"))
        {
            User = new("https://oauth.reddit.com/api/v1/me"),
            UserName = "name",
            Revoke = new("https://www.reddit.com/api/v1/revoke_token"),
            RevokesRefreshToken = true,
            DefaultScopes = ["identity", "read", "submit", "edit", "history", "privatemessages", "flair"],
            AuthorizeParameters = [new("duration", "permanent")],
            SendsBasicAuthentication = true,
            CanRefresh = true,
        },
        new("todoist", new("https://todoist.com/oauth/authorize"), new("https://todoist.com/oauth/access_token"))
        {
            User = new("https://api.todoist.com/api/v1/sync"),
            UserName = "user.email",
            DefaultScopes = ["task:add", "data:read", "data:read_write", "data:delete", "project:delete"],
            Scopes = ScopeRule.Default,
            ScopeSeparator = ",",
            Dialect = new TodoistOAuth(),
        },
        new("notion", new("https://api.notion.com/v1/oauth/authorize"), new("https://api.notion.com/v1/oauth/token"))
        {
            UserName = "owner.user.person.email|owner.user.name",
            AuthorizeParameters = [new("owner", "user")],
            SendsBasicAuthentication = true,
            SendsJson = true,
            Dialect = new NotionOAuth(),
        },
    }.ToFrozenDictionary(provider => provider.Name, StringComparer.Ordinal);
}
