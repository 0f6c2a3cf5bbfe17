using System.Runtime.InteropServices;

namespace Orleans;

/// <summary>Why an activation ends.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct DeactivationReason
{
    /// <summary>A reason without an exception.</summary>
    /// <param name="code">The kind of reason.</param>
    /// <param name="text">For people.</param>
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    /// <summary>A reason with the exception that led to it.</summary>
    /// <param name="code">The kind of reason.</param>
    /// <param name="exception">The cause; null if there is none.</param>
    /// <param name="text">For people.</param>
    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Exception = exception;
        Description = text;
    }

    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode { get; }

    /// <summary>The reason for people.</summary>
    public string Description { get; }

    /// <summary>The exception that led to it; null if there is none.</summary>
    public Exception? Exception { get; }

    /// <summary>The code, the description and the exception in one line.</summary>
    public override string ToString() =>
        Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description} Exception: {Exception}";
}
