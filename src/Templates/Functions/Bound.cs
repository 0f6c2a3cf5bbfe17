using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>The arguments of a function, by place in its signature.</summary>
/// <param name="values">The value of each parameter, null where none was given.</param>
/// <param name="raw">The arguments as they were passed.</param>
internal readonly struct Bound(object?[] values, Arguments raw)
{
    public Arguments Raw => raw;

    /// <summary>The value, or null when none or Python's None was given.</summary>
    public object? this[int place] => values[place] is None ? null : values[place];

    public object Given(int place) => values[place] ?? None.Value;

    public bool Truth(int place) => values[place] is { } value && Values.Truth.Of(value);

    public int Index(int place, int otherwise) => values[place] is { } value ? Numbers.Index(value) : otherwise;

    public int? Index(int place) => this[place] is { } value ? Numbers.Index(value) : null;

    /// <summary>A text argument, or null when none or None was given.</summary>
    public string? Text(int place) => this[place] is { } value ? Texts.Require(value) : null;
}
