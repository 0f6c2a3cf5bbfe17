namespace Grainflow.Templates.Syntax;

/// <summary>An expression of a template.</summary>
internal abstract record Expression
{
    private Expression()
    {
    }

    public sealed record Literal(object Value) : Expression;

    public sealed record Name(string Id) : Expression;

    public sealed record ListOf(IReadOnlyList<Expression> Items) : Expression;

    public sealed record TupleOf(IReadOnlyList<Expression> Items) : Expression;

    public sealed record DictOf(IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression;

    public sealed record Unary(string Operator, Expression Operand) : Expression;

    public sealed record Binary(string Operator, Expression Left, Expression Right) : Expression;

    public sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression;

    public sealed record Concat(IReadOnlyList<Expression> Parts) : Expression;

    public sealed record And(Expression Left, Expression Right) : Expression;

    public sealed record Or(Expression Left, Expression Right) : Expression;

    public sealed record Not(Expression Operand) : Expression;

    public sealed record Conditional(Expression Condition, Expression Then, Expression? Else) : Expression;

    public sealed record Attribute(Expression Target, string Id) : Expression;

    public sealed record Index(Expression Target, Expression Argument) : Expression;

    public sealed record Slice(Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression;

    public sealed record Call(Expression Target, ArgumentList Arguments) : Expression;

    /// <summary>A filter; without target it filters the text of the block it stands on.</summary>
    public sealed record Filter(Expression? Target, string Id, ArgumentList Arguments) : Expression;

    public sealed record Test(Expression Target, string Id, ArgumentList Arguments) : Expression;
}
