namespace Grainflow.Templates;

/// <summary>
/// An operation inside a template that Python refuses by its types or arithmetic: division by zero, comparing a number
/// with text. The contract reports these with the kind <c>unknown</c>, unlike <see cref="TemplateException"/>.
/// </summary>
public sealed class TemplateRuntimeException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">What is wrong, in Python's words where it has some.</param>
    public TemplateRuntimeException(string message)
        : base(message)
    {
    }
}
