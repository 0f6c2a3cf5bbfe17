namespace Grainflow.Templates;

/// <summary>
/// A template could not be rendered for a reason the template author can mend: a syntax error, an attribute of something
/// undefined, an unknown filter, a value a filter cannot take, or a limit of <see cref="TemplateLimits"/>.
/// A block reports it as an execution failure (contract: block-tiers, Fill Text Template).
/// </summary>
public sealed class TemplateException : Exception
{
    /// <summary>Makes a failure with its reason.</summary>
    /// <param name="message">What is wrong, on one line.</param>
    public TemplateException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// An operation inside a template that Python refuses by its types or arithmetic: division by zero, comparing a number
/// with text. The contract reports these with the kind <c>unknown</c>, unlike <see cref="TemplateException"/>.
/// </summary>
public sealed class TemplateRuntimeException : Exception
{
    /// <summary>Makes a failure with its reason.</summary>
    /// <param name="message">What is wrong, in Python's words where it has some.</param>
    public TemplateRuntimeException(string message)
        : base(message)
    {
    }
}

/// <summary>Makes the exceptions of a template, named after the kinds of error that Python and Jinja raise.</summary>
internal static class TemplateErrors
{
    public static TemplateException Syntax(string message, int line) => new($"{message} (line {line})");

    public static TemplateException Undefined(string message) => new(message);

    public static TemplateException Value(string message) => new(message);

    public static TemplateException Limit(string what) => new($"the template goes beyond the limit of {what}");

    public static TemplateRuntimeException Type(string message) => new(message);

    public static TemplateRuntimeException Arithmetic(string message) => new(message);

    public static TemplateRuntimeException Lookup(string message) => new(message);
}
