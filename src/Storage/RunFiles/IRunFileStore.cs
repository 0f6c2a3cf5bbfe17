namespace Grainflow.Storage.RunFiles;

/// <summary>Where the content of a file is. The names are those of the column <c>place</c>, in lower case.</summary>
public enum RunFilePlace
{
    /// <summary>In pages beside the row.</summary>
    Database,

    /// <summary>An object of S3, named by the content id.</summary>
    S3,

    /// <summary>A file in the data folder of a server that is alone, named by the content id.</summary>
    Disk,
}

/// <summary>A file of a run, without its content.</summary>
/// <param name="RunId">The run, or the id of a block that is executed by itself, or that of an upload.</param>
/// <param name="Name">The name, unique in the run: text that PostgreSQL can hold, at most 200 characters.</param>
/// <param name="UserId">The user of the run; another user does not find the file.</param>
/// <param name="ContentId">The id of this content; each save has a new one.</param>
/// <param name="Bytes">The length of the content.</param>
/// <param name="Place">Where the content is.</param>
/// <param name="SavedAt">The time of the save.</param>
public sealed record RunFileRow(Guid RunId, string Name, string UserId, Guid ContentId, long Bytes, RunFilePlace Place, DateTimeOffset SavedAt)
{
    /// <summary>When an upload expires: nobody reads it from then on, and it is deleted. Null for the file of a run.</summary>
    public DateTimeOffset? UploadExpiresAt { get; init; }
}

/// <summary>A file of a run.</summary>
/// <param name="Row">The file.</param>
/// <param name="Content">The content; null when it is outside of the database.</param>
public sealed record StoredRunFile(RunFileRow Row, ReadOnlyMemory<byte>? Content);

/// <summary>The files of runs. Contents outside of the database are written, read and deleted by the caller; the store knows which are there and which are to be deleted.</summary>
public interface IRunFileStore
{
    /// <summary>
    /// Saves a file in place of one with the same name, in one transaction: whoever reads meanwhile gets the one or the other, whole. What was there before is
    /// deleted; where it is outside of the database, it becomes due for removal.
    /// </summary>
    /// <param name="file">The file. A content outside of the database is written already and was announced by <see cref="AnnounceAsync"/>.</param>
    /// <param name="content">The content for <see cref="RunFilePlace.Database"/>; else empty.</param>
    /// <param name="maxBytes">The most bytes that the files of the run may have together; of an upload those that all uploads of the user may have that have not expired.</param>
    /// <param name="cancellationToken">Gives up waiting; the file may be saved then.</param>
    /// <returns>False, and nothing is saved, when they would have more bytes.</returns>
    /// <exception cref="InvalidOperationException">The content was not announced, or has been removed since.</exception>
    Task<bool> SaveAsync(RunFileRow file, ReadOnlyMemory<byte> content, long maxBytes, CancellationToken cancellationToken);

    /// <summary>A file with its content, as one save left it; null when there is none.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="name">The name.</param>
    /// <param name="userId">The user of the run.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<StoredRunFile?> FindAsync(Guid runId, string name, string userId, CancellationToken cancellationToken);

    /// <summary>Announces a content outside of the database before it is written, so that it is removed when no save follows.</summary>
    /// <param name="contentId">The content.</param>
    /// <param name="place">Where it will be.</param>
    /// <param name="dueAt">When it is to be removed unless it was saved; later than any save of it can be.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task AnnounceAsync(Guid contentId, RunFilePlace place, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Deletes files that have expired: uploads, and those of runs that do not exist or whose graph is gone, a day after they were saved.</summary>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were deleted.</returns>
    Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Contents outside of the database that are due for removal, longest due first.</summary>
    /// <param name="place">Where they are.</param>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<Guid>> RemovableAsync(RunFilePlace place, DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Notes that contents were removed.</summary>
    /// <param name="contentIds">The contents.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task RemovedAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken);
}
