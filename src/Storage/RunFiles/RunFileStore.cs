namespace Grainflow.Storage.RunFiles;

/// <inheritdoc cref="IRunFileStore"/>
/// <param name="database">The database.</param>
public sealed class RunFileStore(Database database) : IRunFileStore
{
    /// <summary>The most bytes of a page: one statement writes it, and one row of an answer holds it.</summary>
    internal const int PageBytes = 512 * 1024;

    /// <summary>How long a file is kept that belongs to no run with a graph. A day: longer than any block may run.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>
    /// The statements that take files out of a set named <c>old</c> (columns <c>content_id</c>, <c>place</c>): their pages are deleted, and contents outside
    /// of the database become due for removal at once.
    /// </summary>
    internal const string RemoveContents =
        """
        old_pages AS (
          DELETE FROM run_file_pages p USING old WHERE p.content_id = old.content_id
        ), old_contents AS (
          INSERT INTO run_file_removals (content_id, place, due_at) SELECT content_id, place, '-infinity' FROM old WHERE place <> 'database' ON CONFLICT DO NOTHING
        )
        """;

    private const string SaveSql =
        $"""
        WITH old AS (
          SELECT content_id, place FROM run_files WHERE run_id = $1 AND name = $2
        ), {RemoveContents}
        INSERT INTO run_files (run_id, name, user_id, content_id, bytes, place, saved_at, uploaded, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $9, CASE
          WHEN NOT $9 AND EXISTS (SELECT FROM runs r JOIN graphs g ON g.id = r.graph_id AND g.version = r.graph_version WHERE r.id = $1) THEN NULL
          ELSE $8 END)
        ON CONFLICT (run_id, name) DO UPDATE
        SET user_id = excluded.user_id, content_id = excluded.content_id, bytes = excluded.bytes, place = excluded.place,
          saved_at = excluded.saved_at, expires_at = excluded.expires_at
        """;

    private const string DeleteExpiredSql =
        $"""
        WITH old AS (
          DELETE FROM run_files WHERE (run_id, name) IN (
            SELECT run_id, name FROM run_files WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
          RETURNING content_id, place
        ), {RemoveContents}
        SELECT count(*) FROM old
        """;

    /// <inheritdoc/>
    public async Task<bool> SaveAsync(RunFileRow file, ReadOnlyMemory<byte> content, long maxBytes, CancellationToken cancellationToken)
    {
        var isUpload = file.UploadExpiresAt is not null;
        await using var session = await database.OpenAsync(cancellationToken);
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        // Saves of one run come one after the other: two at once would both find room for themselves, and of two with one name the later one would not see
        // the pages that it has to delete. The lock ends with the transaction, so a pooler does not mind.
        await session.ExecuteAsync(Plan.ByIndex, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [isUpload ? $"uploads {file.UserId}" : $"run files {file.RunId}"], cancellationToken);
        var others = isUpload
            ? await session.ListAsync(
                Plan.ByIndex,
                "SELECT coalesce(sum(bytes), 0)::bigint FROM run_files WHERE user_id = $1 AND uploaded AND expires_at > $2 AND run_id <> $3",
                [file.UserId, file.SavedAt, file.RunId],
                row => row.GetInt64(0),
                cancellationToken)
            : await session.ListAsync(
                Plan.ByIndex,
                "SELECT coalesce(sum(bytes), 0)::bigint FROM run_files WHERE run_id = $1 AND name <> $2",
                [file.RunId, file.Name],
                row => row.GetInt64(0),
                cancellationToken);
        if (others[0] + file.Bytes > maxBytes) return false;
        if (file.Place == RunFilePlace.Database) await WritePagesAsync(session, file.ContentId, content, cancellationToken);
        else await TakeAnnouncedAsync(session, file.ContentId, cancellationToken);
        await session.ExecuteAsync(
            Plan.ByIndex,
            SaveSql,
            [file.RunId, file.Name, file.UserId, file.ContentId, file.Bytes, Text(file.Place), file.SavedAt, file.UploadExpiresAt ?? file.SavedAt + Kept, isUpload],
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    public async Task<StoredRunFile?> FindAsync(Guid runId, string name, string userId, CancellationToken cancellationToken)
    {
        RunFileRow? file = null;
        var content = Array.Empty<byte>();
        var read = 0L;
        // One statement sees one state of the tables, so the row and its pages belong together. Its rows are read one by one into the file's own buffer.
        await database.ListAsync(
            Plan.ByIndex,
            """
            SELECT f.content_id, f.bytes, f.place, f.saved_at, p.body, CASE WHEN f.uploaded THEN f.expires_at END FROM run_files f
            LEFT JOIN run_file_pages p ON p.content_id = f.content_id
            WHERE f.run_id = $1 AND f.name = $2 AND f.user_id = $3 ORDER BY p.page
            """,
            [runId, name, userId],
            row =>
            {
                if (file is null)
                {
                    file = new RunFileRow(runId, name, userId, row.GetGuid(0), row.GetInt64(1), Place(row.GetString(2)), row.GetTime(3)) { UploadExpiresAt = row.GetTimeOrNull(5) };
                    if (file.Place == RunFilePlace.Database) content = new byte[file.Bytes];
                }

                if (!row.IsDBNull(4)) read += row.GetBytes(4, 0, content, (int)read, (int)(content.Length - read));
                return true;
            },
            cancellationToken);
        if (file is null) return null;
        if (file.Place != RunFilePlace.Database) return new StoredRunFile(file, Content: null);
        return read == file.Bytes ? new StoredRunFile(file, content)
            : throw new InvalidDataException($"The file '{name}' of run {runId} has {read} bytes in its pages and should have {file.Bytes}.");
    }

    /// <inheritdoc/>
    public Task AnnounceAsync(Guid contentId, RunFilePlace place, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            Plan.ByIndex,
            "INSERT INTO run_file_removals (content_id, place, due_at) VALUES ($1, $2, $3)",
            [contentId, Text(place), dueAt],
            cancellationToken);

    /// <inheritdoc/>
    public async Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        (int)(await database.ListAsync(Plan.ByIndex, DeleteExpiredSql, [now, limit], row => row.GetInt64(0), cancellationToken))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Guid>> RemovableAsync(RunFilePlace place, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(
            Plan.ByIndex,
            "SELECT content_id FROM run_file_removals WHERE place = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3",
            [Text(place), now, limit],
            row => row.GetGuid(0),
            cancellationToken);

    /// <inheritdoc/>
    public Task RemovedAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken) =>
        database.ExecuteAsync(Plan.ByIndex, "DELETE FROM run_file_removals WHERE content_id = ANY ($1)", [contentIds.ToArray()], cancellationToken);

    private static async Task WritePagesAsync(DatabaseSession session, Guid contentId, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        for (var (page, start) = (0, 0); start < content.Length; page++, start += PageBytes)
        {
            await session.ExecuteAsync(
                Plan.ByIndex,
                "INSERT INTO run_file_pages (content_id, page, body) VALUES ($1, $2, $3)",
                [contentId, page, content.Slice(start, Math.Min(PageBytes, content.Length - start))],
                cancellationToken);
        }
    }

    private static async Task TakeAnnouncedAsync(DatabaseSession session, Guid contentId, CancellationToken cancellationToken)
    {
        var announced = await session.ExecuteAsync(Plan.ByIndex, "DELETE FROM run_file_removals WHERE content_id = $1", [contentId], cancellationToken);
        if (announced == 0) throw new InvalidOperationException($"The content {contentId} of a run's file was not announced, or has been removed because its save took too long.");
    }

    private static string Text(RunFilePlace place) => place switch
    {
        RunFilePlace.Database => "database",
        RunFilePlace.S3 => "s3",
        RunFilePlace.Disk => "disk",
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, message: null),
    };

    private static RunFilePlace Place(string text) => text switch
    {
        "database" => RunFilePlace.Database,
        "s3" => RunFilePlace.S3,
        "disk" => RunFilePlace.Disk,
        _ => throw new InvalidDataException($"The place '{text}' of a run's file is of a newer version of this program."),
    };
}
