namespace Grainflow.Templates.Syntax;

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
