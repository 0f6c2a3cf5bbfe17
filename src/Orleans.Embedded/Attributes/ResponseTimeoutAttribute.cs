using System.Globalization;

namespace Orleans;

/// <summary>How long a caller of this grain interface method waits for the answer, instead of <c>MessagingOptions.ResponseTimeout</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute : Attribute
{
    /// <summary>Sets the timeout of the method.</summary>
    /// <param name="timeout">A <see cref="TimeSpan"/> in its invariant text form, for example <c>00:05:00</c>.</param>
    public ResponseTimeoutAttribute(string timeout) => Timeout = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);

    /// <summary>The timeout; null means the default of the silo or client.</summary>
    public TimeSpan? Timeout { get; init; }
}
