using System.Collections.Concurrent;
using Grainflow.Grains.Interfaces.Users;

namespace Grainflow.Gateway.Auth;

/// <summary>Makes sure, once per process, that a caller has a user record.</summary>
internal sealed class KnownUsers
{
    /// <summary>Users remembered; when there are more it begins anew, which costs a call each.</summary>
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<string, bool> _seen = new(StringComparer.Ordinal);

    public async Task EnsureAsync(Caller caller, IGrainFactory grains)
    {
        if (_seen.ContainsKey(caller.UserId)) return;
        await grains.GetGrain<IUserGrain>(caller.UserId).Ensure(caller.Email);
        if (_seen.Count >= Capacity) _seen.Clear();
        _seen[caller.UserId] = true;
    }
}
