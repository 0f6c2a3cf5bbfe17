namespace Grainflow.Storage.Users;

/// <summary>A user.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">The mail address, or null.</param>
/// <param name="Name">The name, or null.</param>
/// <param name="CreatedAt">When the user was first seen.</param>
public sealed record UserRow(string Id, string? Email, string? Name, DateTimeOffset CreatedAt);
