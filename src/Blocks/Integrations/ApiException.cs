using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations;

/// <summary>The answer of an API was a refusal or an error.</summary>
internal sealed class ApiException : BlockException
{
    /// <summary>Makes the failure of a request.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="message">The text for the user, without secrets.</param>
    public ApiException(int status, string message)
        : base(message) => Status = status;

    /// <summary>The HTTP status.</summary>
    public int Status { get; }
}
