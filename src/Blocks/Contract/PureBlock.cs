using System.Runtime.CompilerServices;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// A block that computes from its input and what it is told of its run, without waiting for anything and without any effect outside. It
/// may run before its dispatch is durable, and again after a crash (<see cref="Engine.Catalogue.BlockDefinition.EffectFree"/>).
/// </summary>
/// <typeparam name="TInput">The input pins.</typeparam>
/// <typeparam name="TOutput">The output pins.</typeparam>
public abstract class PureBlock<TInput, TOutput> : Block<TInput, TOutput>
{
    /// <summary>Reads the pins off the two records.</summary>
    /// <exception cref="InvalidOperationException">The class has no <see cref="BlockAttribute"/>.</exception>
    protected PureBlock()
        : base(effectFree: true, costs: [])
    {
    }

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
