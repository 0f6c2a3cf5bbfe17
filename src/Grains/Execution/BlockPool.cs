using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Limits how many blocks that wait for input and output, such as HTTP requests and language models, run at once in this process. Blocks that compute run in the
/// <see cref="ComputingPool"/>. Sub-agents only wait for their run, and some blocks for time to pass; neither counts.
/// </summary>
internal sealed class BlockPool(IOptions<GrainflowOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.Value.BlockPoolSize);
    private int _used;

    /// <summary>How many places no block has or waits for. Negative when more blocks wait than there are places.</summary>
    public int FreePlaces => options.Value.BlockPoolSize - Volatile.Read(ref _used);

    /// <summary>No place: for a block that only waits for time to pass.</summary>
    public static Task<IDisposable> Beside { get; } = Task.FromResult<IDisposable>(NoPlace.Instance);

    /// <summary>Waits for a place. It counts in <see cref="FreePlaces"/> from the call on.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The place; disposing it gives it back.</returns>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _used);
        try
        {
            await _places.WaitAsync(cancellationToken);
        }
        catch
        {
            Interlocked.Decrement(ref _used);
            throw;
        }

        return new Place(this);
    }

    public void Dispose() => _places.Dispose();

    private void Leave()
    {
        Interlocked.Decrement(ref _used);
        _places.Release();
    }

    private sealed class Place(BlockPool pool) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0) pool.Leave();
        }
    }

    private sealed class NoPlace : IDisposable
    {
        public static readonly NoPlace Instance = new();

        public void Dispose()
        {
            // There is nothing to give back.
        }
    }
}
