namespace Orleans.Storage;

/// <summary>A grain asks for a storage provider that is not configured.</summary>
[GenerateSerializer]
public sealed class BadProviderConfigException : OrleansException
{
    /// <summary>An exception with a default message.</summary>
    public BadProviderConfigException()
    {
    }

    /// <summary>An exception with a message.</summary>
    /// <param name="msg">What happened.</param>
    public BadProviderConfigException(string msg)
        : base(msg)
    {
    }

    /// <summary>An exception with a message and its cause.</summary>
    /// <param name="msg">What happened.</param>
    /// <param name="exc">The cause.</param>
    public BadProviderConfigException(string msg, Exception exc)
        : base(msg, exc)
    {
    }
}
