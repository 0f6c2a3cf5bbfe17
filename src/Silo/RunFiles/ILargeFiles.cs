using Grainflow.Storage.RunFiles;

namespace Grainflow.Silo.RunFiles;

/// <summary>A place outside of the database for contents of files. A content has an id of its own and is written once.</summary>
internal interface ILargeFiles
{
    /// <summary>The place as rows name it.</summary>
    RunFilePlace Place { get; }

    /// <summary>Writes a content. It is there whole when this returns, and not at all or to be removed when this throws.</summary>
    /// <param name="contentId">The content.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The place refused it; the message is for users.</exception>
    Task WriteAsync(Guid contentId, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Reads a content; null when it is not there.</summary>
    /// <param name="contentId">The content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The place refused it; the message is for users.</exception>
    Task<ReadOnlyMemory<byte>?> ReadAsync(Guid contentId, CancellationToken cancellationToken);

    /// <summary>Deletes a content; nothing happens when it is not there.</summary>
    /// <param name="contentId">The content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task DeleteAsync(Guid contentId, CancellationToken cancellationToken);
}
