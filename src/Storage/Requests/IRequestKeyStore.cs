namespace Grainflow.Storage.Requests;

/// <summary>The rows of requests with a key.</summary>
public interface IRequestKeyStore
{
    /// <summary>Keeps a request that is new, and forgets what has grown old.</summary>
    /// <param name="request">The request, without an answer.</param>
    /// <param name="oldBefore">Requests from before count as never sent.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The request as it is stored: the one given, or an earlier one with the same user and key.</returns>
    Task<RequestKeyRow> EnsureAsync(RequestKeyRow request, DateTimeOffset oldBefore, CancellationToken cancellationToken);

    /// <summary>Keeps the answer, unless there is one already.</summary>
    /// <param name="request">A stored request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task AnswerAsync(RequestKeyRow request, int status, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken);

    /// <summary>Forgets a request that has no answer.</summary>
    /// <param name="request">A stored request.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task ForgetAsync(RequestKeyRow request, CancellationToken cancellationToken);
}
