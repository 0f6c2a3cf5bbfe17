namespace Grainflow.Storage.Requests;

/// <summary>The rows of requests with a key.</summary>
public interface IRequestKeyStore
{
    /// <summary>Stores a request that is new, and deletes some that have expired.</summary>
    /// <param name="request">The request, without an answer.</param>
    /// <param name="oldBefore">Requests from before this time count as never sent.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The request as it is stored: the one given, or an earlier one with the same user and key.</returns>
    Task<RequestKeyRow> EnsureAsync(RequestKeyRow request, DateTimeOffset oldBefore, CancellationToken cancellationToken);

    /// <summary>Stores the answer, unless there is one already.</summary>
    /// <param name="request">A stored request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task AnswerAsync(RequestKeyRow request, int status, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken);

    /// <summary>Deletes a request that has no answer.</summary>
    /// <param name="request">A stored request.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task DeleteAsync(RequestKeyRow request, CancellationToken cancellationToken);
}

/// <summary>A request that its client may send again.</summary>
/// <param name="UserId">Who sent it.</param>
/// <param name="Key">The client's key for it.</param>
/// <param name="Fingerprint">Stands for what was asked; another request under the same key has another one.</param>
/// <param name="ResourceId">The id of what the request creates, whoever handles it and however often.</param>
/// <param name="CreatedAt">When it was first sent.</param>
/// <param name="Status">The HTTP status of the answer, or null while there is none.</param>
/// <param name="Answer">The answer, or null.</param>
public sealed record RequestKeyRow(string UserId, string Key, string Fingerprint, Guid ResourceId, DateTimeOffset CreatedAt, int? Status, ReadOnlyMemory<byte>? Answer);
