namespace Grainflow.Templates.Values;

/// <summary>Python's <c>None</c>; templates have no null.</summary>
internal sealed class None
{
    public static readonly None Value = new();

    private None()
    {
    }
}
