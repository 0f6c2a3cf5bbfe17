using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Users;
using Orleans.Placement;

namespace Grainflow.Grains.Users;

/// <inheritdoc cref="IUserGrain"/>
[PreferLocalPlacement, StayingSilos]
public sealed class UserGrain(
    [PersistentState("profile", StateStorage.Name)] IPersistentState<UserProfile> profile, IUserStore users, TimeProvider clock) : Grain, IUserGrain
{
    /// <inheritdoc/>
    public Task Ensure(string? email) => users.EnsureAsync(this.GetPrimaryKeyString(), email, name: null, clock.GetUtcNow(), CancellationToken.None);

    /// <inheritdoc/>
    public Task<string> GetTimeZone() => Task.FromResult(profile.State.TimeZone ?? "UTC");

    /// <inheritdoc/>
    public async Task<bool> SetTimeZone(string timeZone)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) || !zone.HasIanaId) return false;
        profile.State = profile.State with { TimeZone = timeZone };
        await profile.WriteStateAsync();
        return true;
    }
}

/// <summary>The state of the user grain, stored as JSON.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.UserProfile")]
public sealed record UserProfile
{
    /// <summary>An IANA time zone, or null when the user has not chosen one.</summary>
    [Id(0)]
    public string? TimeZone { get; init; }
}
