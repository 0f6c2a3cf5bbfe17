namespace Grainflow.Blocks.Contract;

/// <summary>A block cannot do what it was asked, for a reason it foresaw. Counts as a failure of kind Execution.</summary>
public class BlockException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">What went wrong, for the user; without secrets.</param>
    /// <param name="inner">The cause, or null.</param>
    public BlockException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
