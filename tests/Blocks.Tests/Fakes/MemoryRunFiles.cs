using Grainflow.Blocks.Contract;
using Grainflow.Engine.Files;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>The folder of a run, in memory.</summary>
internal sealed class MemoryRunFiles : IRunFiles
{
    public Dictionary<string, ReadOnlyMemory<byte>> Files { get; } = new(StringComparer.Ordinal);

    public Task<string> SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Files[name] = content;
        return Task.FromResult(name);
    }

    public Task<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancellationToken) =>
        Files.TryGetValue(name, out var content) ? Task.FromResult(content) : throw new FileNotFoundException($"There is no file {name}.");

    public Task<ReadOnlyMemory<byte>> ReadUploadAsync(UploadReference reference, CancellationToken cancellationToken) => ReadAsync(reference.ToString(), cancellationToken);
}
