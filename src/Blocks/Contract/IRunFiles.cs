using Grainflow.Engine.Files;

namespace Grainflow.Blocks.Contract;

/// <summary>The files of one run (contract: block-tiers, File Store; semantics 2.16).</summary>
public interface IRunFiles
{
    /// <summary>Stores a file, replacing one of the same name, and returns its name.</summary>
    /// <param name="name">A file name without folders.</param>
    /// <param name="content">The content, at most 100 MB.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="InvalidOperationException">The name is not valid, or the file or all files together would be too large.</exception>
    Task<string> SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Reads a file of the run.</summary>
    /// <param name="name">The name that <see cref="SaveAsync"/> returned.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    Task<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Reads a file that the user of the run has uploaded (contract: semantics 9.5).</summary>
    /// <param name="reference">The reference in the input.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="FileNotFoundException">The user of the run has no such upload, or it has expired.</exception>
    /// <exception cref="InvalidOperationException">The upload is larger than a file of a run may be, or its content cannot be reached.</exception>
    Task<ReadOnlyMemory<byte>> ReadUploadAsync(UploadReference reference, CancellationToken cancellationToken);
}
