using Grainflow.Storage.RunFiles;

namespace Grainflow.Silo.RunFiles;

/// <summary>Contents as files in a folder. For a server that is alone: other processes do not have the folder.</summary>
/// <param name="folder">The folder; it is created by the first write.</param>
internal sealed class DiskLargeFiles(string folder) : ILargeFiles
{
    /// <inheritdoc/>
    public RunFilePlace Place => RunFilePlace.Disk;

    /// <inheritdoc/>
    public async Task WriteAsync(Guid contentId, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        // The id is used once, and the row that names it is saved when the bytes are on the disk: nobody can see a half of it.
        await using var file = new FileStream(PathOf(contentId), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await file.WriteAsync(content, cancellationToken);
        file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(Guid contentId, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(contentId), cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(Guid contentId, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder)) File.Delete(PathOf(contentId));
        return Task.CompletedTask;
    }

    private string PathOf(Guid contentId) => Path.Combine(folder, contentId.ToString());
}
