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

/// <summary>The arguments of a call, a filter or a test.</summary>
/// <param name="Positional">By position.</param>
/// <param name="Named">By name.</param>
/// <param name="Spread">What stands behind <c>*</c>, or null.</param>
/// <param name="NamedSpread">What stands behind <c>**</c>, or null.</param>
internal sealed record ArgumentList(
    IReadOnlyList<Expression> Positional,
    IReadOnlyList<(string Name, Expression Value)> Named,
    Expression? Spread,
    Expression? NamedSpread)
{
    public static readonly ArgumentList Empty = new([], [], null, null);
}

/// <summary>A statement of a template.</summary>
internal abstract record Statement
{
    private Statement()
    {
    }

    public sealed record Data(string Text) : Statement;

    public sealed record Output(Expression Value) : Statement;

    public sealed record For(
        Target Target,
        Expression Items,
        Expression? Condition,
        bool Recursive,
        IReadOnlyList<Statement> Body,
        IReadOnlyList<Statement> Otherwise) : Statement;

    public sealed record If(IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Otherwise) : Statement;

    public sealed record Set(Target Target, Expression Value) : Statement;

    /// <summary>A <c>set</c> with a body; the filters apply to its text.</summary>
    public sealed record SetBlock(Target Target, Expression.Filter? Filter, IReadOnlyList<Statement> Body) : Statement;

    public sealed record DefineMacro(Macro Macro) : Statement;

    /// <summary>A <c>call</c>: the body becomes the macro <c>caller</c> of the call.</summary>
    public sealed record CallBlock(Macro Caller, Expression.Call Call) : Statement;

    public sealed record FilterBlock(Expression.Filter Filter, IReadOnlyList<Statement> Body) : Statement;

    public sealed record With(IReadOnlyList<(Target Target, Expression Value)> Values, IReadOnlyList<Statement> Body) : Statement;

    public sealed record AutoEscape(Expression Switch, IReadOnlyList<Statement> Body) : Statement;

    /// <summary>A <c>block</c>. Without inheritance it renders where it stands.</summary>
    public sealed record Block(IReadOnlyList<Statement> Body) : Statement;
}

/// <summary>What a <c>set</c>, a <c>for</c> or a <c>with</c> assigns to.</summary>
internal abstract record Target
{
    private Target()
    {
    }

    public sealed record Name(string Id) : Target;

    public sealed record Tuple(IReadOnlyList<Target> Items) : Target;

    /// <summary>An attribute. Only namespaces have assignable ones, and there are none here.</summary>
    public sealed record Attribute(string Id, string AttributeId) : Target;
}

/// <summary>The definition of a macro.</summary>
/// <param name="Name">Its name, null for the body of a <c>call</c>.</param>
/// <param name="Parameters">Name and default of each parameter.</param>
/// <param name="TakesMore">True when the body uses <c>varargs</c>.</param>
/// <param name="TakesMoreNamed">True when the body uses <c>kwargs</c>.</param>
/// <param name="TakesCaller">True when the body uses <c>caller</c>.</param>
/// <param name="Body">The body.</param>
internal sealed record Macro(
    string? Name,
    IReadOnlyList<(string Name, Expression? Default)> Parameters,
    bool TakesMore,
    bool TakesMoreNamed,
    bool TakesCaller,
    IReadOnlyList<Statement> Body);
