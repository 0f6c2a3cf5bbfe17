using Grainflow.Engine.Files;

namespace Grainflow.Gateway.Files;

/// <summary>Keeps the files that users upload, where the blocks of their runs read them (contract: semantics 9.5; ADR 0024).</summary>
public interface IUploads
{
    /// <summary>Scans and stores a file. A second save of the same upload takes the place of the first.</summary>
    /// <param name="upload">Whose it is, its id and its name.</param>
    /// <param name="content">The content.</param>
    /// <param name="kept">How long it is kept.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It is not stored: infected or not scanned, without a place here, or too much together with earlier uploads. The message is for the user.</exception>
    Task SaveAsync(UploadReference upload, ReadOnlyMemory<byte> content, TimeSpan kept, CancellationToken cancellationToken);
}
