using Grainflow.Grains.Interfaces.Users;
using Microsoft.Extensions.Caching.Memory;

namespace Grainflow.Gateway.Auth;

/// <summary>Makes sure that a caller has a user record, once for each caller that is remembered.</summary>
internal sealed class KnownUsers : IDisposable
{
    /// <summary>Users remembered; beyond these the ones not seen for longest are dropped, and cost a call again.</summary>
    private const int Capacity = 10_000;

    private readonly MemoryCache _seen = new(new MemoryCacheOptions { SizeLimit = Capacity });

    public async Task EnsureAsync(Caller caller, IGrainFactory grains)
    {
        if (_seen.TryGetValue(caller.UserId, out _)) return;
        await grains.GetGrain<IUserGrain>(caller.UserId).Ensure(caller.Email);
        _seen.Set(caller.UserId, true, new MemoryCacheEntryOptions { Size = 1 });
    }

    public void Dispose() => _seen.Dispose();
}
