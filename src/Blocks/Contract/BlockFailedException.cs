namespace Grainflow.Blocks.Contract;

/// <summary>A block did not finish. Outputs yielded before stay valid.</summary>
public sealed class BlockFailedException : Exception
{
    /// <summary>Makes the failure of a block.</summary>
    /// <param name="kind">Where it failed.</param>
    /// <param name="reason">The bare reason, as the block gave it.</param>
    /// <param name="wireMessage">The text that goes to the <c>error</c> pin.</param>
    /// <param name="inner">What caused it, or null.</param>
    public BlockFailedException(BlockFailureKind kind, string reason, string wireMessage, Exception? inner = null)
        : base(wireMessage, inner)
    {
        Kind = kind;
        Reason = reason;
    }

    /// <summary>Where it failed.</summary>
    public BlockFailureKind Kind { get; }

    /// <summary>The bare reason, without the frame that the wire text puts around it.</summary>
    public string Reason { get; }
}
