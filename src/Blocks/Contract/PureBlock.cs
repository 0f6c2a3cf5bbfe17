using System.Runtime.CompilerServices;

namespace Grainflow.Blocks.Contract;

/// <summary>A block that computes without waiting for anything.</summary>
/// <typeparam name="TInput">The input pins.</typeparam>
/// <typeparam name="TOutput">The output pins.</typeparam>
public abstract class PureBlock<TInput, TOutput> : Block<TInput, TOutput>
{
    /// <summary>Does the work. Expected failures are a <see cref="BlockException"/>.</summary>
    /// <param name="input">The pins' values.</param>
    /// <param name="context">What belongs to this run.</param>
    protected abstract IEnumerable<BlockOutput> Run(TInput input, BlockContext context);

    /// <inheritdoc/>
    protected sealed override async IAsyncEnumerable<BlockOutput> RunAsync(TInput input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        foreach (var output in Run(input, context))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return output;
        }
    }
}
