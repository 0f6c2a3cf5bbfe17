using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Limits how many blocks that wait for input and output, such as HTTP requests and language models, run at once in this process. Blocks that compute run in the
/// <see cref="ComputingPool"/>. Sub-agents only wait for their run and do not count.
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
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0) places.Release();
        }
    }
}
