using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// A block that computes from its input and what it is told of its run, without waiting for anything and without any effect outside. It
/// may run before its dispatch is durable, and again after a crash (<see cref="Engine.Catalogue.BlockDefinition.EffectFree"/>).
/// </summary>
/// <typeparam name="TInput">The input pins.</typeparam>
/// <typeparam name="TOutput">The output pins.</typeparam>
public abstract class PureBlock<TInput, TOutput> : Block<TInput, TOutput>, IComputingBlock
{
    /// <summary>Reads the pins off the two records.</summary>
    /// <exception cref="InvalidOperationException">The class has no <see cref="BlockAttribute"/>.</exception>
    protected PureBlock()
        : base(costs: [])
    {
    }

    /// <inheritdoc/>
    public virtual bool IsBrief => false;

    /// <inheritdoc/>
    public IEnumerable<BlockOutput> Compute(JsonElement input, ComputationContext context) => Run(Read(input), context);

    /// <summary>Does the work. Expected failures are a <see cref="BlockException"/>.</summary>
    /// <param name="input">The pins' values; defaults stand where there was none.</param>
    /// <param name="context">What the block may know of its run.</param>
    protected abstract IEnumerable<BlockOutput> Run(TInput input, ComputationContext context);

    /// <inheritdoc/>
    protected sealed override async IAsyncEnumerable<BlockOutput> RunAsync(TInput input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        foreach (var output in Run(input, context.ForComputation()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return output;
        }
    }
}
