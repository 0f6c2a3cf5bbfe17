namespace Grainflow.Storage.Users;

/// <summary>The rows of users.</summary>
public interface IUserStore
{
    /// <summary>Makes sure that a user exists. What is stored already is kept.</summary>
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
