namespace Grainflow.Templates;

/// <summary>The failures of a template under the names Python and Jinja give them.</summary>
internal static class Failures
{
    public static TemplateException Syntax(string message, int line) => new($"{message} (line {line})");

    public static TemplateException Undefined(string message) => new(message);

    public static TemplateException Value(string message) => new(message);

    public static TemplateException Limit(string what) => new($"the template goes beyond the limit of {what}");

    public static TemplateRuntimeException Type(string message) => new(message);

    public static TemplateRuntimeException Arithmetic(string message) => new(message);

    public static TemplateRuntimeException Lookup(string message) => new(message);
}
