namespace Grainflow.Storage.Requests;

/// <summary>A request that its client may send again.</summary>
/// <param name="UserId">Who sent it.</param>
/// <param name="Key">The client's key for it.</param>
/// <param name="Fingerprint">Stands for what was asked; another request under the same key has another one.</param>
/// <param name="ResourceId">The id of what the request creates, whoever handles it and however often.</param>
/// <param name="CreatedAt">When it was first sent.</param>
/// <param name="Status">The HTTP status of the answer, or null while there is none.</param>
/// <param name="Answer">The answer, or null.</param>
public sealed record RequestKeyRow(string UserId, string Key, string Fingerprint, Guid ResourceId, DateTimeOffset CreatedAt, int? Status, ReadOnlyMemory<byte>? Answer);
