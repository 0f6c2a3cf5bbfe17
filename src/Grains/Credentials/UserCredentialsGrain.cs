using System.Collections.Immutable;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Grainflow.Grains.Credentials;

/// <inheritdoc cref="IUserCredentialsGrain"/>
/// <remarks>The rows are the record; this grain keeps nothing. A state is removed from the database when it is used, so it is accepted once by whatever activation.</remarks>
[Reentrant, PreferLocalPlacement, StayingSilos]
internal sealed partial class UserCredentialsGrain(
    ICredentialStore store, OAuthStates states, SystemCredentialVault vault, IIdSource ids, TimeProvider clock, ILogger<UserCredentialsGrain> logger, IOAuthClient? oauth = null)
    : Grain, IUserCredentialsGrain
{
    private static readonly TimeSpan ExchangeLimit = TimeSpan.FromSeconds(60);

    private string UserId => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public async Task<ImmutableArray<CredentialMeta>> List() =>
        [.. (await store.ListAsync(UserId, CancellationToken.None)).Select(CredentialMapping.ToMeta), .. vault.All.Select(CredentialMapping.ToMeta)];

    /// <inheritdoc/>
    public Task<ImmutableArray<LoginProvider>> ListLogins() => Task.FromResult<ImmutableArray<LoginProvider>>(
        [.. OAuthProviders.All.Values.OrderBy(provider => provider.Name, StringComparer.Ordinal).Select(provider => new LoginProvider { Provider = provider.Name, DefaultScopes = [.. provider.DefaultScopes] })]);

    /// <inheritdoc/>
    public async Task<LoginAnswer> BeginLogin(BeginLogin command)
    {
        if (Unavailable(command.Provider, command.External is not null) is { } refusal) return new LoginAnswer { Verdict = refusal.Verdict, Message = refusal.Message };
        IReadOnlyList<string> present = [];
        if (command.CredentialId is { } id)
        {
            if (await store.FindAsync(UserId, id, CancellationToken.None) is not { } stored || stored.Row.Provider != command.Provider || stored.Row.Type != Blocks.Contract.CredentialTypes.OAuth2)
                return new LoginAnswer { Verdict = CredentialVerdict.NotFound, Message = "Credentials not found" };
            present = stored.Row.Scopes;
        }

        var login = new OAuthLogin(
            command.Provider, [.. present.Union(command.Scopes, StringComparer.Ordinal)], OAuthStates.NewToken(), OAuthStates.NewVerifier(), command.External is { } program ? new Uri(program.CallbackUrl) : RedirectUri()!);
        DateTimeOffset expiresAt;
        try
        {
            expiresAt = await states.AddAsync(login.State, login.CodeVerifier, (hash, expiry) => new OAuthStateRow
            {
                UserId = UserId,
                Hash = hash,
                Provider = login.Provider,
                Scopes = login.Scopes,
                CredentialId = command.CredentialId,
                ExpiresAt = expiry,
                CallbackUrl = command.External?.CallbackUrl,
                Metadata = command.External?.Metadata.Memory,
                ApiKeyId = command.External?.ApiKeyId,
            });
        }
        catch (Exception exception) when (exception is EncryptionKeyException or UnreadableSecretException)
        {
            return new LoginAnswer { Verdict = CredentialVerdict.Unreadable, Message = exception.Message };
        }

        return new LoginAnswer { Verdict = CredentialVerdict.Done, Url = oauth!.LoginUrl(login).AbsoluteUri, State = login.State, ExpiresAt = expiresAt };
    }

    /// <inheritdoc/>
    public async Task<CredentialAnswer> CompleteLogin(CompleteLogin command)
    {
        if (Unavailable(command.Provider, command.IsExternal) is { } refusal) return refusal;
        if (await states.TakeAsync(UserId, command.Provider, command.State, command.IsExternal) is not { } taken)
            return new CredentialAnswer { Verdict = CredentialVerdict.InvalidState, Message = "Invalid or expired state token" };
        try
        {
            var login = new OAuthLogin(command.Provider, [.. taken.State.Scopes], command.State, states.Open(taken), taken.State.CallbackUrl is { } callback ? new Uri(callback) : RedirectUri()!);
            using var limit = new CancellationTokenSource(ExchangeLimit, clock);
            var tokens = await oauth!.ExchangeAsync(login, command.Code, limit.Token);
            if (login.Scopes.Except(Split(tokens.Scopes), StringComparer.Ordinal).ToList() is { Count: > 0 } missing) ScopesMissing(command.Provider, string.Join(' ', missing));
            var stored = await StoreAsync(taken.State, tokens with { Scopes = Split(tokens.Scopes) });
            return taken.State.Metadata is { } metadata ? stored with { LoginMetadata = JsonPayload.Wrap(metadata.ToArray()) } : stored;
        }
        catch (Exception exception) when (exception is EncryptionKeyException or UnreadableSecretException)
        {
            return new CredentialAnswer { Verdict = CredentialVerdict.Unreadable, Message = exception.Message };
        }
        catch (Exception exception) when (exception is OAuthException or OperationCanceledException)
        {
            NotExchanged(exception, command.Provider);
            var cause = exception is OAuthException ? exception.Message : $"{command.Provider} did not answer.";
            return new CredentialAnswer { Verdict = CredentialVerdict.NotExchanged, Message = $"OAuth2 callback failed to exchange code for tokens: {cause}" };
        }
    }

    private async Task<CredentialAnswer> StoreAsync(OAuthStateRow state, OAuthTokens tokens)
    {
        if (state.CredentialId is { } id)
        {
            // The provider may not name the scopes that the credential had before.
            var content = CredentialMapping.ToContent(state.Provider, title: null, tokens with { Scopes = [.. tokens.Scopes.Length > 0 ? tokens.Scopes : [.. state.Scopes]] });
            return await GrainFactory.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(UserId, id)).Change(content);
        }

        var created = CredentialMapping.ToContent(state.Provider, title: null, tokens);
        return await GrainFactory.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(UserId, ids.NewId().ToString())).Create(created);
    }

    private CredentialAnswer? Unavailable(string provider, bool isExternal) => (oauth?.Support(provider) ?? OAuthSupport.Unknown) switch
    {
        OAuthSupport.Unknown or OAuthSupport.ByRegistration => new CredentialAnswer { Verdict = CredentialVerdict.NoOAuth, Message = $"Provider '{provider}' does not support OAuth" },
        OAuthSupport.NotConfigured => new CredentialAnswer { Verdict = CredentialVerdict.NotConfigured, Message = $"Integration with provider '{provider}' is not configured." },
        _ when !isExternal && RedirectUri() is null => new CredentialAnswer { Verdict = CredentialVerdict.NoFrontend, Message = "Frontend base URL is not configured; set FRONTEND_BASE_URL." },
        _ => null,
    };

    private Uri? RedirectUri() => states.Redirect("oauth_callback");

    /// <summary>Some providers send all scopes as one text.</summary>
    private static ImmutableArray<string> Split(ImmutableArray<string> scopes) =>
        scopes is [var one] ? [.. one.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)] : scopes;

    [LoggerMessage(2862, LogLevel.Warning, "{Provider} did not exchange the code of a login.")]
    private partial void NotExchanged(Exception exception, string provider);

    [LoggerMessage(2863, LogLevel.Warning, "{Provider} did not grant the scopes {Scopes} of a login.")]
    private partial void ScopesMissing(string provider, string scopes);
}
