namespace Grainflow.Templates.Syntax;

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
