namespace Grainflow.Blocks.Http;

/// <summary>A reply that was read to its end.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="ContentType">The Content-Type header, or null.</param>
/// <param name="Body">The body, after content decoding.</param>
/// <param name="RequestAddress">Where the reply came from, after redirects.</param>
public sealed record OutgoingReply(int Status, string? ContentType, ReadOnlyMemory<byte> Body, Uri RequestAddress)
{
    /// <summary>True for 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}
