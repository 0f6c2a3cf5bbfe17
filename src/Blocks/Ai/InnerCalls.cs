using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Ai;

/// <summary>Calls that a block makes as a part of its own work, and not in the name of the user.</summary>
internal static class InnerCalls
{
    /// <summary>Makes the call. Its failure is of kind unknown, as the contract has it (block-tiers, AI List Generator).</summary>
    /// <param name="call">The call.</param>
    /// <param name="context">The context of the block.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="InvalidOperationException">No call gave what was asked for.</exception>
    public static async Task<StructuredCall.Result> RunAsync(StructuredCall call, BlockContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await call.RunAsync(context, cancellationToken);
        }
        catch (BlockException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }
}
