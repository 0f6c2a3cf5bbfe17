namespace Orleans.Configuration;

/// <summary>How calls wait for their answers.</summary>
public abstract class MessagingOptions
{
    /// <summary>Makes options with their defaults.</summary>
    protected MessagingOptions()
    {
    }

    /// <summary>How long a caller waits before it gets a <see cref="TimeoutException"/>. Default 30 seconds.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a timeout at the caller also cancels the token that the grain method received. Default false.</summary>
    public bool CancelRequestOnTimeout { get; set; }
}
