namespace Grainflow.Grains.Interfaces.Users;

/// <summary>One user; the key is the user id.</summary>
[Alias("grainflow.IUserGrain")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Makes sure that the user exists.</summary>
    /// <param name="email">An address, or null when not known.</param>
    [Alias("Ensure")]
    Task Ensure(string? email);

    /// <summary>The user's IANA time zone; <c>UTC</c> when not set.</summary>
    [Alias("GetTimeZone")]
    Task<string> GetTimeZone();

    /// <summary>Sets the time zone.</summary>
    /// <param name="timeZone">An IANA name.</param>
    /// <returns>False when there is no such zone; nothing is changed then.</returns>
    [Alias("SetTimeZone")]
    Task<bool> SetTimeZone(string timeZone);
}
