using System.Diagnostics.CodeAnalysis;

namespace Grainflow.Grains.Execution;

/// <summary>What waits for a place, by user. Users are served in turn, each in the order of its own, so that nobody waits behind all that another user has. Not thread-safe.</summary>
/// <typeparam name="T">What waits.</typeparam>
internal sealed class UserTurns<T>
{
    private readonly Dictionary<string, Queue<T>> _users = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();

    /// <summary>Adds what waits from now on.</summary>
    /// <param name="user">Its user, whose turn comes after those of the users that wait already.</param>
    /// <param name="item">What waits.</param>
    public void Enqueue(string user, T item)
    {
        if (!_users.TryGetValue(user, out var items))
        {
            _users.Add(user, items = new Queue<T>());
            _turns.Enqueue(user);
        }

        items.Enqueue(item);
    }

    /// <summary>Takes what is served next.</summary>
    /// <param name="isWaiting">Whether an item still waits. It is removed either way, and one that does not takes no turn of its user.</param>
    /// <param name="item">The item.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryDequeue(Predicate<T> isWaiting, [MaybeNullWhen(false)] out T item)
    {
        while (_turns.TryDequeue(out var user))
        {
            var items = _users[user];
            while (items.TryDequeue(out item))
            {
                if (!isWaiting(item)) continue;
                if (items.Count > 0) _turns.Enqueue(user);
                else _users.Remove(user);
                return true;
            }

            _users.Remove(user);
        }

        item = default;
        return false;
    }
}
