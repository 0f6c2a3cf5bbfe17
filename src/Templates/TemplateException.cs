namespace Grainflow.Templates;

/// <summary>
/// A template could not be rendered for a reason the template author can mend: a syntax error, an attribute of something
/// undefined, an unknown filter, a value a filter cannot take, or a limit of <see cref="TemplateLimits"/>.
/// A block reports it as an execution failure (contract: block-tiers, Fill Text Template).
/// </summary>
public sealed class TemplateException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="message">What is wrong, on one line.</param>
    public TemplateException(string message)
        : base(message)
    {
    }
}
