namespace Grainflow.Gateway.Auth;

/// <summary>The user on whose behalf a request is handled.</summary>
/// <param name="UserId">The user as whom the request runs; an admin may act as another user.</param>
/// <param name="Role">The token's role, for example <c>authenticated</c> or <c>admin</c>; null when it has none.</param>
/// <param name="Email">The token's mail address, or null.</param>
public sealed record Caller(string UserId, string? Role, string? Email)
{
    /// <summary>The role that opens admin routes.</summary>
    public const string AdminRole = "admin";

    /// <summary>The administrator who acts as <see cref="UserId"/>; null for a user who acts for himself.</summary>
    public string? ActingAdmin { get; init; }

    /// <summary>The API key that the caller has shown; null for a caller with a token.</summary>
    public Guid? ApiKeyId { get; init; }

    /// <summary>True for an administrator.</summary>
    public bool IsAdmin => Role == AdminRole;
}
