namespace Grainflow.Blocks.Ai;

/// <summary>A chat call failed. The message is the provider's, without secrets.</summary>
public sealed class ChatModelException : Exception
{
    /// <summary>Makes the failure of a chat call.</summary>
    /// <param name="message">What the provider said.</param>
    /// <param name="inner">The cause, or null.</param>
    public ChatModelException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
