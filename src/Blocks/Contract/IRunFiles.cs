namespace Grainflow.Blocks.Contract;

/// <summary>The folder of one run (contract: block-tiers, File Store; semantics 2.16).</summary>
public interface IRunFiles
{
    /// <summary>Stores a file and answers its name inside the folder.</summary>
    /// <param name="name">A plain file name, already cleaned.</param>
    /// <param name="content">At most 100 MB.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="InvalidOperationException">The file or the folder would be too large.</exception>
    Task<string> SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Reads a file of the folder.</summary>
    /// <param name="name">The name that <see cref="SaveAsync"/> answered.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    Task<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancellationToken);
}
