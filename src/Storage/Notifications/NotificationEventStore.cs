namespace Grainflow.Storage.Notifications;

/// <summary>Something that a user or the operators are to be told (decision 42).</summary>
public sealed record NotificationEvent
{
    /// <summary>Made from the event itself, so that the same event written again has the same key; at most a few hundred characters.</summary>
    public required string Key { get; init; }

    /// <summary>The type, in capitals: one of the contract (semantics 6.1), or of an alert to the operators.</summary>
    public required string Type { get; init; }

    /// <summary>The user who is told; null when <see cref="Channel"/> is set.</summary>
    public string? UserId { get; init; }

    /// <summary>The channel of operators that is told, <c>platform</c>, <c>product</c> or <c>refunds</c>; null when <see cref="UserId"/> is set.</summary>
    public string? Channel { get; init; }

    /// <summary>The data of the type, a JSON object.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The events that somebody is to be told.</summary>
public interface INotificationEventStore
{
    /// <summary>Writes an event that belongs to no transaction of its own.</summary>
    /// <param name="notification">The event, with a user or a channel.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is written, when an event with its key is there.</returns>
    /// <exception cref="ArgumentException">It has neither a user nor a channel, or both.</exception>
    Task<bool> AddAsync(NotificationEvent notification, CancellationToken cancellationToken);
}

/// <inheritdoc cref="INotificationEventStore"/>
/// <param name="database">The database.</param>
public sealed class NotificationEventStore(Database database) : INotificationEventStore
{
    /// <summary>The columns, for a store that writes events together with what they tell of.</summary>
    internal static RowColumns<NotificationEvent> EventColumns { get; } = new RowColumns<NotificationEvent>()
        .Text("key", notification => notification.Key)
        .Text("type", notification => notification.Type)
        .Text("user_id", notification => notification.UserId)
        .Text("channel", notification => notification.Channel)
        .Json("data", notification => notification.Data)
        .Time("created_at", notification => notification.CreatedAt);

    /// <inheritdoc/>
    public async Task<bool> AddAsync(NotificationEvent notification, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        return await AddAsync(session, notification, cancellationToken);
    }

    /// <summary>Writes an event in the transaction of a session, for the store that writes what the event tells of.</summary>
    /// <param name="session">The session.</param>
    /// <param name="notification">The event, with a user or a channel.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False, and nothing is written, when an event with its key is there.</returns>
    /// <exception cref="ArgumentException">It has neither a user nor a channel, or both.</exception>
    internal static async Task<bool> AddAsync(DatabaseSession session, NotificationEvent notification, CancellationToken cancellationToken)
    {
        if (notification.UserId is null == notification.Channel is null)
            throw new ArgumentException($"The event '{notification.Key}' must have either a user or a channel.", nameof(notification));
        return await session.ExecuteAsync(
            Plan.ByIndex,
            "INSERT INTO notification_events (key, type, user_id, channel, data, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING",
            [notification.Key, notification.Type, Text(notification.UserId), Text(notification.Channel), Sql.Json(notification.Data), notification.CreatedAt],
            cancellationToken) > 0;
    }

    private static Npgsql.NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };
}
