using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>Runs a block that computes and reads its outputs in batches. The block runs on the threads of the <see cref="ComputingPool"/>, a brief one on the caller's.</summary>
/// <param name="pool">The pool.</param>
/// <param name="block">The block.</param>
/// <param name="input">Its resolved input.</param>
/// <param name="context">The part of its run that the block may read.</param>
internal sealed class ComputedOutputs(ComputingPool pool, IComputingBlock block, JsonPayload input, ComputationContext context)
{
    /// <summary>The largest input, in bytes, with which a brief block runs on the caller's thread: copying more takes as long as a thread switch.</summary>
    private const int MaxBriefBytes = 32 * 1024;

    private readonly Lock _gate = new();
    private IEnumerator<BlockOutput>? _outputs;
    private List<EmittedOutput> _computed = [];
    private long _bytes;
    private bool _more = true;

    /// <summary>
    /// Runs the block to its end. A batch has at most as many outputs as a report, and the block computes no more until the caller asks for the next batch, so
    /// that a block that emits without end cannot fill the memory. Outputs that were computed before a failure are returned before it is thrown.
    /// </summary>
    /// <param name="abandoned">Stops waiting for the block, which may go on in its thread.</param>
    /// <param name="cancelled">Ends the block at its next output.</param>
    /// <exception cref="BlockFailedException">The block failed.</exception>
    /// <exception cref="OperationCanceledException">The block was cancelled or abandoned.</exception>
    public IAsyncEnumerable<ComputedBatch> ReadAsync(CancellationToken abandoned, CancellationToken cancelled) =>
        block.IsBrief && input.Size <= MaxBriefBytes ? ReadHereAsync(cancelled) : ReadFromPoolAsync(abandoned, cancelled);

    /// <summary>Computes on the caller's thread: a brief block takes less time than a switch to another thread and back.</summary>
    private async IAsyncEnumerable<ComputedBatch> ReadHereAsync([EnumeratorCancellation] CancellationToken cancelled)
    {
        await ValueTask.CompletedTask;
        try
        {
            while (_more)
            {
                var failure = TryCompute(cancelled);
                yield return new ComputedBatch(RemoveComputed(), _more);
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
            // The caller throws it after it has returned the outputs that were computed before.
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
                    // The next output takes long, so those before it are returned meanwhile.
                    if (RemoveComputed() is { Count: > 0 } early) yield return new ComputedBatch(early, More: true);
                    await WaitAsync(step.Ended, abandoned);
                }

                if (!step.Ended.IsCompletedSuccessfully) _more = false;
                yield return new ComputedBatch(RemoveComputed(), _more);
                await step.Ended;
            }
        }
        finally
        {
            DisposeBlock(step);
        }
    }

    /// <summary>Waits for a task without throwing its failure.</summary>
    private static async Task WaitAsync(Task task, CancellationToken abandoned)
    {
        await task.WaitAsync(abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!task.IsCompleted) throw new OperationCanceledException(abandoned);
    }

    /// <summary>Disposes the block's enumerator: now, or, when the block was abandoned in a step that still runs, once that step ends.</summary>
    private void DisposeBlock(Computation? step)
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
                // Marks the exception as observed, because nothing awaits the step any more.
                _ = ended.Exception;
                _outputs?.Dispose();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private List<EmittedOutput> RemoveComputed()
    {
        lock (_gate)
        {
            var computed = _computed;
            _computed = [];
            _bytes = 0;
            return computed;
        }
    }

    /// <summary>Computes outputs until there are enough for a report, <see cref="ComputingPool.SlowAfter"/> has passed, or the block has ended.</summary>
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
            var output = new EmittedOutput { Pin = pin, Value = JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Clean(value))) };
            lock (_gate)
            {
                _computed.Add(output);
                _bytes += output.Value.Size;
                if (_computed.Count >= NodeReporter.MaxOutputs || _bytes >= NodeReporter.MaxBytes) return;
            }
        }
        while (Stopwatch.GetElapsedTime(began) < ComputingPool.SlowAfter);
    }
}

/// <summary>Outputs that a block has computed.</summary>
/// <param name="Outputs">The outputs in order; may be empty.</param>
/// <param name="More">False for the last batch: the block has ended or failed.</param>
internal readonly record struct ComputedBatch(List<EmittedOutput> Outputs, bool More);
