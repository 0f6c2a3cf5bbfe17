namespace Grainflow.Grains.Interfaces.Users;

/// <summary>One user; the key is the user id.</summary>
[Alias("grainflow.IUserGrain")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Creates the user if there is none.</summary>
    /// <param name="email">The e-mail address, or null when it is not known.</param>
    [Alias("Ensure")]
    Task Ensure(string? email);

    /// <summary>The IANA time zone of the user; <c>UTC</c> when none is set.</summary>
    [Alias("GetTimeZone")]
    Task<string> GetTimeZone();

    /// <summary>Sets the time zone.</summary>
    /// <param name="timeZone">An IANA name.</param>
    /// <returns>False when there is no such zone; then nothing is changed.</returns>
    [Alias("SetTimeZone")]
    Task<bool> SetTimeZone(string timeZone);
}
