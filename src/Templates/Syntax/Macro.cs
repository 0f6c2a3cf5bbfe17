namespace Grainflow.Templates.Syntax;

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
