namespace Grainflow.Templates.Syntax;

internal enum TokenKind
{
    Data,
    OutputBegin,
    OutputEnd,
    TagBegin,
    TagEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Literal text with escapes resolved, digits without underscores, or the operator.</param>
/// <param name="Line">Where it starts, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Value, int Line)
{
    public bool IsOperator(string value) => Kind == TokenKind.Operator && Value == value;

    public bool IsName(string value) => Kind == TokenKind.Name && Value == value;

    public override string ToString() => Kind switch
    {
        TokenKind.OutputEnd => "end of print statement",
        TokenKind.TagEnd => "end of statement block",
        TokenKind.End => "end of template",
        TokenKind.Data => "template data",
        _ => Value,
    };
}
