namespace Grainflow.Templates.Rendering;

/// <summary>The values a call passes.</summary>
/// <param name="Positional">By position.</param>
/// <param name="Named">By name, in order.</param>
internal sealed record Arguments(IReadOnlyList<object> Positional, IReadOnlyList<KeyValuePair<string, object>> Named)
{
    public static readonly Arguments Empty = new([], []);

    public object? FindNamed(string name)
    {
        foreach (var (key, value) in Named)
            if (key == name) return value;
        return null;
    }
}
