namespace Grainflow.Grains.Users;

/// <summary>What only the user grain reads; grain state, as JSON.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.UserProfile")]
public sealed record UserProfile
{
    /// <summary>An IANA time zone, or null when the user has not chosen one.</summary>
    [Id(0)]
    public string? TimeZone { get; init; }
}
