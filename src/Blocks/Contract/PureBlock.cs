using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// The base of blocks that compute their outputs from the input and the ids of the run, without input and output and without effects outside. Such a block
/// may run before its dispatch is durable, and again after a crash (<see cref="Engine.Catalogue.BlockDefinition.EffectFree"/>).
/// </summary>
/// <typeparam name="TInput">The input pins.</typeparam>
/// <typeparam name="TOutput">The output pins.</typeparam>
public abstract class PureBlock<TInput, TOutput> : Block<TInput, TOutput>, IComputingBlock
{
    /// <summary>Generates the definition from the attribute of the class and the two records.</summary>
    /// <exception cref="InvalidOperationException">The class has no <see cref="BlockAttribute"/>.</exception>
    protected PureBlock()
        : base(costs: [])
    {
    }

    /// <inheritdoc/>
    public virtual bool IsBrief => false;

    /// <inheritdoc/>
    public IEnumerable<BlockOutput> Compute(JsonElement input, ComputationContext context) => Run(Read(input), context);

    /// <summary>Runs the block. It throws a <see cref="BlockException"/> for failures that it expects.</summary>
    /// <param name="input">The values of the pins, with defaults for missing ones.</param>
    /// <param name="context">The part of its run that the block may read.</param>
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
