using Grainflow.Storage.Notifications;
using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage.Billing;

/// <inheritdoc cref="IPaymentStore"/>
/// <param name="database">The database.</param>
public sealed class PaymentStore(Database database) : IPaymentStore
{
    private const string Columns = "id, user_id, kind, status, reason, credits, transaction_key, session_id, intent_id, created_at, updated_at, due_at";
    private const string RefundColumns = "id, user_id, transaction_key, amount, reason, result, status, refund_id, created_at, updated_at, due_at";

    /// <inheritdoc/>
    public async Task<bool> AddAsync(PaymentRow payment, CancellationToken cancellationToken) => await database.ExecuteAsync(
        Plan.ByIndex,
        $"INSERT INTO payments ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
        [
            payment.Id, payment.UserId, payment.Kind, payment.Status, Text(payment.Reason), payment.Credits, payment.TransactionKey, Text(payment.SessionId), Text(payment.IntentId), payment.CreatedAt,
            payment.UpdatedAt, Time(payment.DueAt),
        ],
        cancellationToken) > 0;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NotificationEvent>?> SaveAsync(PaymentRow payment, IReadOnlyList<NotificationEvent> events, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var saved = await session.ExecuteAsync(
            Plan.ByIndex,
            """
            UPDATE payments SET status = $2, reason = $3, transaction_key = $4, session_id = $5, intent_id = $6, updated_at = $7, due_at = $8
            WHERE id = $1 AND status <> 'FULFILLED'
            """,
            [payment.Id, payment.Status, Text(payment.Reason), payment.TransactionKey, Text(payment.SessionId), Text(payment.IntentId), payment.UpdatedAt, Time(payment.DueAt)],
            cancellationToken);
        return saved == 0 ? null : await CommitAsync(session, transaction, events, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<PaymentRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM payments WHERE id = $1", [id], Map, cancellationToken);

    /// <inheritdoc/>
    public Task<PaymentRow?> FindByReferenceAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex,
        $"SELECT {Columns} FROM payments WHERE session_id = ANY ($1) UNION ALL SELECT {Columns} FROM payments WHERE intent_id = ANY ($1) LIMIT 1",
        [references.ToArray()],
        Map,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PaymentRow>> PendingAsync(string userId, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex, $"SELECT {Columns} FROM payments WHERE user_id = $1 AND status = 'PENDING' ORDER BY created_at DESC, id", [userId], Map, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> DueUsersAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex,
        """
        SELECT user_id FROM (
          (SELECT user_id, due_at FROM payments WHERE due_at <= $1 ORDER BY due_at LIMIT $2)
          UNION ALL (SELECT user_id, due_at FROM refund_requests WHERE due_at <= $1 ORDER BY due_at LIMIT $2)) AS due
        GROUP BY user_id ORDER BY min(due_at) LIMIT $2
        """,
        [now, limit],
        row => row.GetString(0),
        cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindCustomerAsync(string userId, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, "SELECT customer_id FROM payment_customers WHERE user_id = $1", [userId], row => row.GetString(0), cancellationToken);

    /// <inheritdoc/>
    public async Task<string> AddCustomerAsync(string userId, string customerId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            Plan.ByIndex, "INSERT INTO payment_customers (user_id, customer_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO NOTHING", [userId, customerId, at], cancellationToken);
        return (await FindCustomerAsync(userId, cancellationToken))!;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NotificationEvent>?> AddRefundAsync(RefundRow request, IReadOnlyList<NotificationEvent> events, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        var added = await session.ExecuteAsync(
            Plan.ByIndex,
            $"INSERT INTO refund_requests ({RefundColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
            [
                request.Id, request.UserId, request.TransactionKey, request.Amount, request.Reason, Text(request.Result), request.Status, Text(request.RefundId), request.CreatedAt, request.UpdatedAt,
                Time(request.DueAt),
            ],
            cancellationToken);
        return added == 0 ? null : await CommitAsync(session, transaction, events, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NotificationEvent>> SaveRefundAsync(RefundRow? request, IReadOnlyList<NotificationEvent> events, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        if (request is not null)
        {
            await session.ExecuteAsync(
                Plan.ByIndex,
                "UPDATE refund_requests SET amount = $2, result = $3, status = $4, refund_id = $5, updated_at = $6, due_at = $7 WHERE id = $1",
                [request.Id, request.Amount, Text(request.Result), request.Status, Text(request.RefundId), request.UpdatedAt, Time(request.DueAt)],
                cancellationToken);
        }

        return await CommitAsync(session, transaction, events, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RefundRow?> FindRefundAsync(string userId, string transactionKey, CancellationToken cancellationToken) => database.FirstAsync(
        Plan.ByIndex, $"SELECT {RefundColumns} FROM refund_requests WHERE user_id = $1 AND transaction_key = $2", [userId, transactionKey], MapRefund, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RefundRow>> RefundsAsync(string userId, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex, $"SELECT {RefundColumns} FROM refund_requests WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $2", [userId, limit], MapRefund, cancellationToken);

    private static async Task<IReadOnlyList<NotificationEvent>> CommitAsync(
        DatabaseSession session, NpgsqlTransaction transaction, IReadOnlyList<NotificationEvent> events, CancellationToken cancellationToken)
    {
        var written = new List<NotificationEvent>();
        foreach (var notification in events)
            if (await NotificationEventStore.AddAsync(session, notification, cancellationToken)) written.Add(notification);
        await transaction.CommitAsync(cancellationToken);
        return written;
    }

    private static PaymentRow Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetString(1),
        Kind = row.GetString(2),
        Status = row.GetString(3),
        Reason = row.GetStringOrNull(4),
        Credits = row.GetInt64(5),
        TransactionKey = row.GetString(6),
        SessionId = row.GetStringOrNull(7),
        IntentId = row.GetStringOrNull(8),
        CreatedAt = row.GetTime(9),
        UpdatedAt = row.GetTime(10),
        DueAt = row.GetTimeOrNull(11),
    };

    private static RefundRow MapRefund(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        UserId = row.GetString(1),
        TransactionKey = row.GetString(2),
        Amount = row.GetInt64(3),
        Reason = row.GetString(4),
        Result = row.GetStringOrNull(5),
        Status = row.GetString(6),
        RefundId = row.GetStringOrNull(7),
        CreatedAt = row.GetTime(8),
        UpdatedAt = row.GetTime(9),
        DueAt = row.GetTimeOrNull(10),
    };

    // A null alone does not tell its type.
    internal static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    internal static NpgsqlParameter Time(DateTimeOffset? time) => new() { Value = (object?)time?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
