namespace Grainflow.Blocks.Contract;

/// <summary>The failure of a block that its author expected, for example an invalid input. It is of kind <see cref="BlockFailureKind.Execution"/>.</summary>
public class BlockException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="message">The text for the user, without secrets.</param>
    /// <param name="inner">The cause, or null.</param>
    public BlockException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>The execution of a block failed. Its earlier outputs stay valid.</summary>
public sealed class BlockFailedException : Exception
{
    /// <summary>Creates the failure of a block.</summary>
    /// <param name="kind">The step that failed.</param>
    /// <param name="reason">The block's own text.</param>
    /// <param name="wireMessage">The text for the <c>error</c> pin.</param>
    /// <param name="inner">The cause, or null.</param>
    public BlockFailedException(BlockFailureKind kind, string reason, string wireMessage, Exception? inner = null)
        : base(wireMessage, inner)
    {
        Kind = kind;
        Reason = reason;
    }

    /// <summary>The step that failed.</summary>
    public BlockFailureKind Kind { get; }

    /// <summary>The pin of the output that was refused; null for failures of other kinds.</summary>
    public string? Pin { get; init; }

    /// <summary>The block's own text; the message of the exception adds the names of the block.</summary>
    public string Reason { get; }
}

/// <summary>The step of a block execution that failed (contract: block-tiers, "Reading the vectors").</summary>
public enum BlockFailureKind
{
    /// <summary>The input does not match the schema of the block.</summary>
    Input,

    /// <summary>The block threw a <see cref="BlockException"/> or emitted an error.</summary>
    Execution,

    /// <summary>An output does not match its pin.</summary>
    Output,

    /// <summary>The block threw another exception, which it did not expect.</summary>
    Unknown,
}
