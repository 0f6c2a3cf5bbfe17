using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Credentials;

/// <summary>The credentials of one user together, and logins at OAuth providers; the key is the user id.</summary>
[Alias("grainflow.IUserCredentialsGrain")]
public interface IUserCredentialsGrain : IGrainWithStringKey
{
    /// <summary>The credentials of the user, oldest first, and after them those of the platform (semantics 4.3).</summary>
    [Alias("List")]
    Task<ImmutableArray<CredentialMeta>> List();

    /// <summary>The providers that have an OAuth login, whether it is configured here or not.</summary>
    [Alias("ListLogins")]
    Task<ImmutableArray<LoginProvider>> ListLogins();

    /// <summary>Begins a login (semantics 4.6).</summary>
    /// <param name="command">What the user logs in for.</param>
    [Alias("BeginLogin")]
    Task<LoginAnswer> BeginLogin(BeginLogin command);

    /// <summary>Ends a login: exchanges the code and stores the credential. A state is accepted once, for ten minutes.</summary>
    /// <param name="command">What the provider has sent back.</param>
    [Alias("CompleteLogin"), ResponseTimeout("00:02:00")]
    Task<CredentialAnswer> CompleteLogin(CompleteLogin command);
}

/// <summary>Begins a login at an OAuth provider.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.BeginLogin")]
public sealed record BeginLogin
{
    /// <summary>The provider.</summary>
    [Id(0)]
    public required string Provider { get; init; }

    /// <summary>The scopes; empty for the defaults of the provider.</summary>
    [Id(1)]
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>The credential whose scopes are widened; null for a new one.</summary>
    [Id(2)]
    public string? CredentialId { get; init; }

    /// <summary>The program that begins the login through the external API; null for the platform's own pages.</summary>
    [Id(3)]
    public ExternalLogin? External { get; init; }
}

/// <summary>A login that a program has begun through the external API.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ExternalLogin")]
public sealed record ExternalLogin
{
    /// <summary>Where the provider sends the user, an address of an origin that the operator allows.</summary>
    [Id(0)]
    public required string CallbackUrl { get; init; }

    /// <summary>What the program is told at the end: a JSON object.</summary>
    [Id(1)]
    public required JsonPayload Metadata { get; init; }

    /// <summary>The key of the program.</summary>
    [Id(2)]
    public required Guid ApiKeyId { get; init; }
}

/// <summary>A provider that has an OAuth login.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.LoginProvider")]
public sealed record LoginProvider
{
    /// <summary>The provider.</summary>
    [Id(0)]
    public required string Provider { get; init; }

    /// <summary>The scopes that a login has when none are asked for.</summary>
    [Id(1)]
    public ImmutableArray<string> DefaultScopes { get; init; } = [];
}

/// <summary>A login that has begun, or why it has not.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.LoginAnswer")]
public sealed record LoginAnswer
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required CredentialVerdict Verdict { get; init; }

    /// <summary>Where the user is sent; null when nothing has begun.</summary>
    [Id(1)]
    public string? Url { get; init; }

    /// <summary>The token that comes back with the code, a secret of the user; null when nothing has begun.</summary>
    [Id(2)]
    public string? State { get; init; }

    /// <summary>Why it has not begun, for the user; null when it has.</summary>
    [Id(3)]
    public string? Message { get; init; }

    /// <summary>When the login ends without a callback; null when nothing has begun.</summary>
    [Id(4)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A description without the secrets: messages may be logged.</summary>
    public override string ToString() => $"login {Verdict}";
}

/// <summary>Ends a login at an OAuth provider.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.CompleteLogin")]
public sealed record CompleteLogin
{
    /// <summary>The provider.</summary>
    [Id(0)]
    public required string Provider { get; init; }

    /// <summary>The code that the provider gave, a secret.</summary>
    [Id(1)]
    public required string Code { get; init; }

    /// <summary>The token of the login, a secret.</summary>
    [Id(2)]
    public required string State { get; init; }

    /// <summary>Whether it is ended through the external API; a login is ended where it was begun.</summary>
    [Id(3)]
    public bool IsExternal { get; init; }

    /// <summary>A description without the secrets: messages may be logged.</summary>
    public override string ToString() => $"callback of {Provider}";
}
