using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The outputs of a block that computes, taken from it in batches on the threads of the <see cref="ComputingPool"/>.</summary>
/// <param name="pool">Where it computes.</param>
/// <param name="block">The block.</param>
/// <param name="input">Its resolved input.</param>
/// <param name="context">What it may know of its run.</param>
internal sealed class ComputedOutputs(ComputingPool pool, IComputingBlock block, JsonPayload input, ComputationContext context)
{
    /// <summary>Bytes of the largest input that a brief block computes from where it is: copying more takes as long as a switch of threads.</summary>
    private const int MaxBriefBytes = 32 * 1024;

    private readonly Lock _gate = new();
    private IEnumerator<BlockOutput>? _outputs;
    private List<EmittedOutput> _computed = [];
    private long _bytes;
    private bool _more = true;

    /// <summary>
    /// Computes until the block has ended. A batch has at most as many outputs as a report, and a full one is handed on before the block goes on, so that a
    /// block which emits without end is held back. Outputs that were computed before a failure are in a batch before it is thrown.
    /// </summary>
    /// <param name="abandoned">Leaves the block behind where it is.</param>
    /// <param name="cancelled">Ends the block at its next output.</param>
    /// <exception cref="BlockFailedException">The block failed.</exception>
    /// <exception cref="OperationCanceledException">The block was cancelled or left behind.</exception>
    public IAsyncEnumerable<ComputedBatch> ReadAsync(CancellationToken abandoned, CancellationToken cancelled) =>
        block.IsBrief && input.Size <= MaxBriefBytes ? ReadHereAsync(cancelled) : ReadFromPoolAsync(abandoned, cancelled);

    /// <summary>Computes on the thread of the caller, which it occupies for less time than a switch to another thread and back.</summary>
    private async IAsyncEnumerable<ComputedBatch> ReadHereAsync([EnumeratorCancellation] CancellationToken cancelled)
    {
        await ValueTask.CompletedTask;
        try
        {
            while (_more)
            {
                var failure = TryCompute(cancelled);
                yield return new ComputedBatch(Take(), _more);
                failure?.Throw();
            }
        }
        finally
        {
            _outputs?.Dispose();
        }
    }

    private ExceptionDispatchInfo? TryCompute(CancellationToken cancelled)
    {
        try
        {
            Compute(cancelled);
            return null;
        }
        catch (Exception exception)
        {
            // Thrown by the caller, after the outputs that were computed before.
            _more = false;
            return ExceptionDispatchInfo.Capture(exception);
        }
    }

    private async IAsyncEnumerable<ComputedBatch> ReadFromPoolAsync(CancellationToken abandoned, [EnumeratorCancellation] CancellationToken cancelled)
    {
        Computation? step = null;
        try
        {
            while (_more)
            {
                step = pool.Start(() => Compute(cancelled), cancelled);
                await WaitAsync(step.EndedOrSlow, abandoned);
                if (!step.Ended.IsCompleted)
                {
                    // The next output takes long: those before it are shown meanwhile.
                    if (Take() is { Count: > 0 } early) yield return new ComputedBatch(early, More: true);
                    await WaitAsync(step.Ended, abandoned);
                }

                if (!step.Ended.IsCompletedSuccessfully) _more = false;
                yield return new ComputedBatch(Take(), _more);
                await step.Ended;
            }
        }
        finally
        {
            Leave(step);
        }
    }

    /// <summary>Waits for a task without throwing its failure.</summary>
    private static async Task WaitAsync(Task task, CancellationToken abandoned)
    {
        await task.WaitAsync(abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!task.IsCompleted) throw new OperationCanceledException(abandoned);
    }

    /// <summary>Lets the block clean up: now, or when the step ends that still runs and is left behind.</summary>
    private void Leave(Computation? step)
    {
        if (step is null || step.Ended.IsCompleted)
        {
            _outputs?.Dispose();
            return;
        }

        pool.Abandon(step);
        _ = step.Ended.ContinueWith(
            ended =>
            {
                // Observed, because nobody waits for the block any more.
                _ = ended.Exception;
                _outputs?.Dispose();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private List<EmittedOutput> Take()
    {
        lock (_gate)
        {
            var taken = _computed;
            _computed = [];
            _bytes = 0;
            return taken;
        }
    }

    /// <summary>Computes outputs until there are enough for a report, a moment has passed, or the block has ended.</summary>
    private void Compute(CancellationToken cancelled)
    {
        var began = Stopwatch.GetTimestamp();
        _outputs ??= BlockRunner.Compute(block, JsonValues.ParseUtf8(input.Memory.Span), context, cancelled).GetEnumerator();
        do
        {
            if (!_outputs.MoveNext())
            {
                _more = false;
                return;
            }

            var (pin, value) = _outputs.Current;
            var output = new EmittedOutput { Pin = pin, Value = JsonPayload.Take(JsonValues.CompactUtf8(JsonValues.Clean(value))) };
            lock (_gate)
            {
                _computed.Add(output);
                _bytes += output.Value.Size;
                if (_computed.Count >= NodeReporter.MaxOutputs || _bytes >= NodeReporter.MaxBytes) return;
            }
        }
        while (Stopwatch.GetElapsedTime(began) < ComputingPool.Moment);
    }
}
