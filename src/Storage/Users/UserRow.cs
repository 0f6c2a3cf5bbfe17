namespace Grainflow.Storage.Users;

/// <summary>A user.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">The mail address, or null.</param>
/// <param name="Name">The name, or null.</param>
/// <param name="Timezone">An IANA zone, or <c>not-set</c>.</param>
/// <param name="CreatedAt">When the user was first seen.</param>
public sealed record UserRow(string Id, string? Email, string? Name, string Timezone, DateTimeOffset CreatedAt);
