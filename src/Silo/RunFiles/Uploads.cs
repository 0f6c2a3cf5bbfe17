using Grainflow.Engine.Files;
using Grainflow.Gateway.Files;

namespace Grainflow.Silo.RunFiles;

/// <inheritdoc cref="IUploads"/>
/// <param name="files">The files of runs, among which uploads are kept.</param>
internal sealed class Uploads(SharedRunFiles files) : IUploads
{
    /// <inheritdoc/>
    public Task SaveAsync(UploadReference upload, ReadOnlyMemory<byte> content, TimeSpan kept, CancellationToken cancellationToken) =>
        files.SaveUploadAsync(upload, content, kept, cancellationToken);
}
