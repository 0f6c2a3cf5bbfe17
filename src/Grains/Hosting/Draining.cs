using Microsoft.Extensions.Hosting;

namespace Grainflow.Grains.Hosting;

/// <summary>
/// Tells whether this silo is about to leave. A draining silo admits no run and dispatches no node; blocks that have begun may end and report. It is draining from
/// <see cref="Begin"/> on, or from the moment at which its host begins to stop.
/// </summary>
public sealed class Draining : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _begun = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isDraining;
    private int _blocks;

    /// <summary>Creates the state of a silo that does not drain.</summary>
    /// <param name="lifetime">The host of the silo.</param>
    /// <param name="clock">Measures the time limit of <see cref="WaitForBlocksAsync"/>.</param>
    public Draining(IHostApplicationLifetime lifetime, TimeProvider clock)
    {
        _clock = clock;
        _stopping = lifetime.ApplicationStopping.UnsafeRegister(static draining => ((Draining)draining!).Begin(), this);
    }

    /// <summary>True once the silo drains. It does not become false again.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Cancelled when the silo begins to drain.</summary>
    internal CancellationToken Begun => _begun.Token;

    /// <summary>Begins to drain. A repeated call changes nothing.</summary>
    /// <returns>How many blocks are under way. Sub-agents and blocks that wait for a place in a pool do not count.</returns>
    public int Begin()
    {
        int blocks;
        lock (_gate)
        {
            blocks = _blocks;
            if (_isDraining) return blocks;
            _isDraining = true;
            if (blocks == 0) _idle.TrySetResult();
        }

        // On the thread pool: the caller may be a signal handler, and there is one registration for each attempt.
        _ = _begun.CancelAsync();
        return blocks;
    }

    /// <summary>Waits until no block is under way and the ends of all are recorded.</summary>
    /// <param name="limit">How long to wait at most; zero does not wait.</param>
    /// <param name="cutShort">Ends the wait.</param>
    /// <returns>False when blocks are still under way.</returns>
    public async Task<bool> WaitForBlocksAsync(TimeSpan limit, CancellationToken cutShort)
    {
        try
        {
            await _idle.Task.WaitAsync(limit, _clock, cutShort);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return false;
        }

        return true;
    }

    /// <summary>Counts a block as under way until the returned object is disposed. Null when the silo drains and the block must not begin.</summary>
    internal IDisposable? TryBeginBlock()
    {
        lock (_gate)
        {
            if (_isDraining) return null;
            _blocks++;
        }

        return new BlockUnderWay(this);
    }

    /// <summary>Counts a block as under way although the silo may drain, because no other silo can begin it in its place.</summary>
    internal IDisposable BeginBlock()
    {
        lock (_gate) _blocks++;
        return new BlockUnderWay(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _begun.Dispose();
    }

    private void EndBlock()
    {
        lock (_gate)
        {
            if (--_blocks == 0 && _isDraining) _idle.TrySetResult();
        }
    }

    private sealed class BlockUnderWay(Draining draining) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) draining.EndBlock();
        }
    }
}
