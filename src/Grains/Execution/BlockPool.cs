using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Bounds how many blocks that wait for the world run at once in this process. Blocks that compute have the <see cref="ComputingPool"/>; sub-agents only wait
/// and take no place.
/// </summary>
internal sealed class BlockPool(IOptions<GrainflowOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.Value.BlockPoolSize);

    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return new Place(_places);
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) places.Release();
        }
    }
}
