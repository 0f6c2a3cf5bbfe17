namespace Orleans.Runtime;

/// <summary>The base of the failures that the runtime reports.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>An exception with a default message.</summary>
    public OrleansException()
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and its cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
