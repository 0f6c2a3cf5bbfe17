namespace Grainflow.Blocks.Http;

/// <summary>A request could not be made or its reply not be read. The message is meant for the user.</summary>
public sealed class OutgoingHttpException : Exception
{
    /// <summary>Makes the failure of a request.</summary>
    /// <param name="message">What went wrong and, for a refused address, how to allow it.</param>
    /// <param name="inner">The cause, or null.</param>
    public OutgoingHttpException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
