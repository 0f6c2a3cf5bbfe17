using System.Runtime.InteropServices;

namespace Grainflow.Gateway.WebSockets;

/// <summary>The subscriptions of one user, indexed by socket, by channel, and by run or graph. Not thread-safe.</summary>
internal sealed class SubscriptionSet
{
    private readonly Dictionary<ClientSocket, List<Subscription>> _bySocket = [];
    private readonly Dictionary<string, List<Subscription>> _byChannel = new(StringComparer.Ordinal);
    private readonly Dictionary<(bool OfGraph, Guid Id), List<Subscription>> _bySubject = [];

    /// <summary>The runs with a subscription by their id.</summary>
    public IEnumerable<Guid> Runs => _bySubject.Keys.Where(subject => !subject.OfGraph).Select(subject => subject.Id);

    /// <summary>The graphs with a subscription.</summary>
    public IEnumerable<Guid> Graphs => _bySubject.Keys.Where(subject => subject.OfGraph).Select(subject => subject.Id);

    public IReadOnlyList<Subscription> Of(ClientSocket socket) => _bySocket.GetValueOrDefault(socket) ?? [];

    public IReadOnlyList<Subscription> On(string channel) => _byChannel.GetValueOrDefault(channel) ?? [];

    public IReadOnlyList<Subscription> About(bool ofGraph, Guid id) => _bySubject.GetValueOrDefault((ofGraph, id)) ?? [];

    public void Add(Subscription subscription)
    {
        Add(_bySocket, subscription.Socket, subscription);
        Add(_byChannel, subscription.Channel, subscription);
        if (subscription.Id is { } id) Add(_bySubject, (subscription.OfGraph, id), subscription);
    }

    public void Remove(Subscription subscription)
    {
        Remove(_bySocket, subscription.Socket, subscription);
        Remove(_byChannel, subscription.Channel, subscription);
        if (subscription.Id is { } id) Remove(_bySubject, (subscription.OfGraph, id), subscription);
    }

    private static void Add<TKey>(Dictionary<TKey, List<Subscription>> index, TKey key, Subscription subscription)
        where TKey : notnull
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(index, key, out _);
        (list ??= []).Add(subscription);
    }

    private static void Remove<TKey>(Dictionary<TKey, List<Subscription>> index, TKey key, Subscription subscription)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var list)) return;
        list.Remove(subscription);
        if (list.Count == 0) index.Remove(key);
    }
}
