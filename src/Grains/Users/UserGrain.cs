using Grainflow.Grains.Interfaces.Users;
using Grainflow.Storage.Users;

namespace Grainflow.Grains.Users;

/// <inheritdoc cref="IUserGrain"/>
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
