using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage.Billing;

/// <inheritdoc cref="IStripeEventStore"/>
/// <param name="database">The database.</param>
public sealed class StripeEventStore(Database database) : IStripeEventStore
{
    private const string Columns = "id, type, object_id, intent_id, payment_id, received_at, processed_at, attempts, error, due_at";

    /// <inheritdoc/>
    public async Task<StripeEventRow> AddAsync(StripeEventRow received, CancellationToken cancellationToken)
    {
        var added = await database.ExecuteAsync(
            Plan.ByIndex,
            $"INSERT INTO stripe_events ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
            [
                received.Id, received.Type, received.ObjectId, PaymentStore.Text(received.IntentId),
                new NpgsqlParameter { Value = (object?)received.PaymentId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid }, received.ReceivedAt, PaymentStore.Time(received.ProcessedAt),
                received.Attempts, PaymentStore.Text(received.Error), PaymentStore.Time(received.DueAt),
            ],
            cancellationToken);
        // A row that is deleted right after the insert met it was processed long ago; processing the event again changes nothing.
        return added > 0 ? received : await FindAsync(received.Id, cancellationToken) ?? received;
    }

    /// <inheritdoc/>
    public Task<StripeEventRow?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.FirstAsync(Plan.ByIndex, $"SELECT {Columns} FROM stripe_events WHERE id = $1", [id], Map, cancellationToken);

    /// <inheritdoc/>
    public Task SaveAsync(StripeEventRow tried, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "UPDATE stripe_events SET processed_at = $2, attempts = $3, error = $4, due_at = $5 WHERE id = $1 AND processed_at IS NULL",
        [tried.Id, PaymentStore.Time(tried.ProcessedAt), tried.Attempts, PaymentStore.Text(tried.Error), PaymentStore.Time(tried.DueAt)],
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StripeEventRow>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Plan.ByIndex, $"SELECT {Columns} FROM stripe_events WHERE due_at <= $1 ORDER BY due_at LIMIT $2", [now, limit], Map, cancellationToken);

    /// <inheritdoc/>
    public Task<int> DeleteProcessedAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.ExecuteAsync(
        Plan.ByIndex,
        "DELETE FROM stripe_events WHERE ctid = ANY (ARRAY(SELECT ctid FROM stripe_events WHERE processed_at < $1 ORDER BY processed_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
        [before, limit],
        cancellationToken);

    private static StripeEventRow Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Type = row.GetString(1),
        ObjectId = row.GetString(2),
        IntentId = row.GetStringOrNull(3),
        PaymentId = row.GetGuidOrNull(4),
        ReceivedAt = row.GetTime(5),
        ProcessedAt = row.GetTimeOrNull(6),
        Attempts = row.GetInt32(7),
        Error = row.GetStringOrNull(8),
        DueAt = row.GetTimeOrNull(9),
    };
}
