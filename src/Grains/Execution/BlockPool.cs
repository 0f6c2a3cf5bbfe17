using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Limits how many blocks that wait for input and output, such as HTTP requests and language models, run at once in this process. Blocks that compute run in the
/// <see cref="ComputingPool"/>. Sub-agents only wait for their run, and some blocks for time to pass; neither counts.
/// </summary>
internal sealed class BlockPool(IOptions<GrainflowOptions> options)
{
    private readonly Lock _gate = new();

    /// <summary>Blocks for which there is no place. While one waits, all places are taken. Those that were cancelled are skipped.</summary>
    private readonly UserTurns<TaskCompletionSource<IDisposable>> _waiting = new();

    private int _taken;
    private int _used;

    /// <summary>How many places no block has or waits for. Negative when more blocks wait than there are places.</summary>
    public int FreePlaces => options.Value.BlockPoolSize - Volatile.Read(ref _used);

    /// <summary>No place: for a block that only waits for time to pass.</summary>
    public static Task<IDisposable> Beside { get; } = Task.FromResult<IDisposable>(NoPlace.Instance);

    /// <summary>Waits for a place. It counts in <see cref="FreePlaces"/> from the call on. Free places are given to the users whose blocks wait in turn.</summary>
    /// <param name="user">The user of the block.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The place; disposing it gives it back.</returns>
    public async Task<IDisposable> EnterAsync(string user, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _used);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var waiting = Take(user);
            if (waiting is null) return new Place(this);
            await using var cancellation = cancellationToken.UnsafeRegister((_, token) => waiting.TrySetCanceled(token), null);
            return await waiting.Task;
        }
        catch
        {
            Interlocked.Decrement(ref _used);
            throw;
        }
    }

    /// <summary>Takes a free place; answers the wait for one when there is none.</summary>
    private TaskCompletionSource<IDisposable>? Take(string user)
    {
        lock (_gate)
        {
            if (_taken < options.Value.BlockPoolSize)
            {
                _taken++;
                return null;
            }

            // Continuations run the block, which must not run on the thread of the one that gives its place back.
            var waiting = new TaskCompletionSource<IDisposable>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(user, waiting);
            return waiting;
        }
    }

    private void Leave()
    {
        Interlocked.Decrement(ref _used);
        lock (_gate)
        {
            // The place goes to the next whose wait was not cancelled meanwhile.
            if (!_waiting.TryDequeue(next => next.TrySetResult(new Place(this)), out _)) _taken--;
        }
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
