namespace Grainflow.Storage.Users;

/// <summary>The rows of users.</summary>
public interface IUserStore
{
    /// <summary>Inserts a user unless there is one of that id, whose values stay as they are.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="email">The mail address of a new user, or null.</param>
    /// <param name="name">The name of a new user, or null.</param>
    /// <param name="at">Now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The stored user.</returns>
    Task<UserRow> EnsureAsync(string userId, string? email, string? name, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>The user, or null.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<UserRow?> FindAsync(string userId, CancellationToken cancellationToken);
}

/// <summary>A user.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">The mail address, or null.</param>
/// <param name="Name">The name, or null.</param>
/// <param name="CreatedAt">When the user was first seen.</param>
public sealed record UserRow(string Id, string? Email, string? Name, DateTimeOffset CreatedAt);
