using System.Text;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Interfaces.Mcp;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Mcp;

/// <summary>
/// Logins at MCP servers, and the credentials that they end with. A user has one credential for each address of a server, so that nodes which name it go on after another login.
/// </summary>
internal sealed partial class McpLogins(McpAuthorizations authorizations, RegisteredOAuthClient client, OAuthStates states, IGrainFactory grains, TimeProvider clock, ILogger<McpLogins> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>The http or https address of a server; null when the text is none.</summary>
    /// <param name="serverUrl">What the user has given.</param>
    public static Uri? AddressOf(string serverUrl) => Uri.TryCreate(serverUrl.Trim(), UriKind.Absolute, out var server) && server.Scheme is "http" or "https" && server.Fragment.Length == 0 ? server : null;

    /// <summary>Begins a login: finds the authorization server, registers a client there and stores the state.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="serverUrl">The address of the MCP server.</param>
    public async Task<LoginAnswer> BeginAsync(string userId, string serverUrl)
    {
        if (AddressOf(serverUrl) is not { } server) return Refused(CredentialVerdict.Invalid, NoAddress(serverUrl));
        if (states.Redirect("mcp_callback") is not { } redirect) return Refused(CredentialVerdict.NoFrontend, "Frontend base URL is not configured; set FRONTEND_BASE_URL.");
        using var limit = new CancellationTokenSource(Limit, clock);
        try
        {
            if (await authorizations.FindAsync(server, limit.Token) is not { } found)
                return Refused(CredentialVerdict.NoOAuth, "This MCP server does not advertise OAuth support. You may need to provide an auth token manually.");
            var registration = await authorizations.RegisterAsync(found, redirect, limit.Token);
            var login = new OAuthLogin(McpCredentials.Provider, found.Scopes, OAuthStates.NewToken(), OAuthStates.NewVerifier(), redirect);
            var kept = JsonSerializer.Serialize(new Pending(login.CodeVerifier, serverUrl, found.NamesItself, registration));
            var expiresAt = await states.AddAsync(login.State, kept, (hash, expiry) => new OAuthStateRow { UserId = userId, Hash = hash, Provider = login.Provider, Scopes = login.Scopes, ExpiresAt = expiry });
            return new LoginAnswer { Verdict = CredentialVerdict.Done, Url = found.LoginUrl(registration, login).AbsoluteUri, State = login.State, ExpiresAt = expiresAt };
        }
        catch (OAuthException exception)
        {
            return Refused(CredentialVerdict.NotExchanged, exception.Message);
        }
        catch (Exception exception) when (exception is EncryptionKeyException or UnreadableSecretException)
        {
            return Refused(CredentialVerdict.Unreadable, exception.Message);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Refused(CredentialVerdict.NotExchanged, $"The MCP server at {server.Host} and its authorization server did not answer within {Limit.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Ends a login: exchanges the code and stores the tokens as the credential of the server.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="callback">What the authorization server has sent back.</param>
    public async Task<CredentialAnswer> CompleteAsync(string userId, McpCallback callback)
    {
        if (await states.TakeAsync(userId, McpCredentials.Provider, callback.State, isExternal: false) is not { } taken || states.Redirect("mcp_callback") is not { } redirect)
            return new CredentialAnswer { Verdict = CredentialVerdict.InvalidState, Message = "Invalid or expired state token." };
        using var limit = new CancellationTokenSource(Limit, clock);
        try
        {
            var pending = JsonSerializer.Deserialize<Pending>(states.Open(taken))!;
            // RFC 9207, section 2.4: a code of another server is not sent to this one.
            if (callback.Issuer is { } issuer ? issuer != pending.Registration.Issuer : pending.NamesItself)
                return NotExchanged($"the answer does not come from {pending.Registration.Issuer}, where the login was begun");
            var login = new OAuthLogin(McpCredentials.Provider, [.. taken.State.Scopes], callback.State, pending.Verifier, redirect);
            var tokens = await client.ExchangeAsync(pending.Registration, login, callback.Code, limit.Token);
            return await StoreAsync(userId, pending.ServerUrl, tokens);
        }
        catch (OAuthException exception)
        {
            Failed(exception);
            return NotExchanged(exception.Message);
        }
        catch (Exception exception) when (exception is EncryptionKeyException or UnreadableSecretException)
        {
            return new CredentialAnswer { Verdict = CredentialVerdict.Unreadable, Message = exception.Message };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return NotExchanged($"the authorization server did not answer within {Limit.TotalSeconds:0} seconds");
        }
    }

    /// <summary>Stores the tokens of a server as its credential, in the place of those it had.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="serverUrl">The address of the MCP server, as the user gives it.</param>
    /// <param name="tokens">The tokens.</param>
    public async Task<CredentialAnswer> StoreAsync(string userId, string serverUrl, OAuthTokens tokens)
    {
        if (AddressOf(serverUrl) is not { } server) return new CredentialAnswer { Verdict = CredentialVerdict.Invalid, Message = NoAddress(serverUrl) };
        var metadata = JsonValues.Compact(JsonValues.Object(KeyValuePair.Create(McpCredentials.ServerUrl, JsonValues.From(serverUrl))));
        var content = CredentialMapping.ToContent(McpCredentials.Provider, $"MCP: {server.Host}", tokens with { Metadata = metadata });
        var grain = grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(userId, IdOf(serverUrl)));
        var answer = await grain.Create(content);
        return answer.Verdict == CredentialVerdict.Exists ? await grain.Change(content) : answer;
    }

    /// <summary>What is said of a text that is no address of a server.</summary>
    /// <param name="serverUrl">The text.</param>
    public static string NoAddress(string serverUrl) => $"'{serverUrl}' is no http or https address.";

    /// <summary>The same for each login and token of a server, so that a new one takes the place of the old one.</summary>
    private static string IdOf(string serverUrl) => DerivedIds.Of(Encoding.UTF8.GetBytes($"token of mcp server {serverUrl}")).ToString();

    private static LoginAnswer Refused(CredentialVerdict verdict, string message) => new() { Verdict = verdict, Message = message };

    private static CredentialAnswer NotExchanged(string cause) => new() { Verdict = CredentialVerdict.NotExchanged, Message = $"OAuth token exchange failed: {cause}" };

    [LoggerMessage(3200, LogLevel.Warning, "The authorization server of an MCP server did not exchange the code of a login.")]
    private partial void Failed(Exception exception);

    /// <summary>What a login keeps until its end; it is sealed.</summary>
    private sealed record Pending(string Verifier, string ServerUrl, bool NamesItself, OAuthRegistration Registration);
}
