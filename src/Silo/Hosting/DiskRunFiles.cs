using Grainflow.Blocks.Contract;

namespace Grainflow.Silo.Hosting;

/// <summary>The files of one run, in a folder of the data folder (contract: semantics 2.16 "Temp files").</summary>
/// <param name="folder">The folder; it is created by the first write.</param>
internal sealed class DiskRunFiles(string folder) : IRunFiles
{
    private const long MaxFileBytes = 100L * 1024 * 1024;
    private const long MaxFolderBytes = 1024L * 1024 * 1024;
    private const int MaxNameLength = 200;

    /// <inheritdoc/>
    public async Task<string> SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        if (content.Length > MaxFileBytes) throw new InvalidOperationException($"A file may have at most {MaxFileBytes / 1024 / 1024} MB.");
        Directory.CreateDirectory(folder);
        var stored = new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
        if (stored + content.Length > MaxFolderBytes) throw new InvalidOperationException($"The files of a run may have at most {MaxFolderBytes / 1024 / 1024} MB together.");
        await File.WriteAllBytesAsync(path, content, cancellationToken);
        return name;
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        if (!File.Exists(path)) throw new FileNotFoundException($"The run has no file '{name}'.");
        return await File.ReadAllBytesAsync(path, cancellationToken);
    }

    private string PathOf(string name)
    {
        if (name.Length is 0 or > MaxNameLength || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0'))
            throw new InvalidOperationException($"'{name}' is not a plain file name of at most {MaxNameLength} characters.");
        return Path.Combine(folder, name);
    }
}
