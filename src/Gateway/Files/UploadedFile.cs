namespace Grainflow.Gateway.Files;

/// <summary>A file of a request, in a temporary file until it is disposed.</summary>
/// <param name="content">The temporary file; it is deleted when it is closed.</param>
/// <param name="name">The name that the client gave, which may be anything.</param>
/// <param name="contentType">The media type that the client gave.</param>
/// <param name="hash">The SHA-256 of the content.</param>
/// <param name="done">Called once, when the file is disposed.</param>
internal sealed class UploadedFile(FileStream content, string name, string contentType, byte[] hash, Action done) : IAsyncDisposable
{
    /// <summary>The name that the client gave, which may be anything.</summary>
    public string Name => name;

    /// <summary>The media type that the client gave.</summary>
    public string ContentType => contentType;

    /// <summary>The SHA-256 of the content.</summary>
    public ReadOnlyMemory<byte> Hash => hash;

    /// <summary>Bytes.</summary>
    public long Length => content.Length;

    /// <summary>Reads the content into memory.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[content.Length];
        content.Position = 0;
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        done();
    }
}
