namespace Grainflow.Templates.Syntax;

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
