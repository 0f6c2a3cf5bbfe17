using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Catalogue;

/// <summary>One input or output pin of a block.</summary>
public sealed record PinDefinition
{
    /// <summary>The name in links and in <c>input_default</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The type to which values are converted and against which they are checked.</summary>
    public required PinType Type { get; init; }

    /// <summary>True when the block cannot run without a value. A value of null is a value here.</summary>
    public bool Required { get; init; }

    /// <summary>The default value; null when the pin has none. A default of JSON null is an element of kind Null.</summary>
    public JsonElement? Default { get; init; }

    /// <summary>
    /// False for pins that the block's input record inherits: their values are checked but not converted
    /// (contract: semantics 2.6 step 5).
    /// </summary>
    public bool Converted { get; init; } = true;

    /// <summary>For a credentials pin, the credentials that it accepts; else null.</summary>
    public CredentialsRequirement? Credentials { get; init; }

    /// <summary>The least whole number that the pin takes; null for no bound.</summary>
    public long? Minimum { get; init; }

    /// <summary>The greatest whole number that the pin takes; null for no bound.</summary>
    public long? Maximum { get; init; }

    /// <summary>True when the value is a secret that exports must leave out.</summary>
    public bool Secret { get; init; }

    /// <summary>The names of the pins that must have a value when this one has (contract: semantics 1.6, <c>depends_on</c>).</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>The first place where a value does not fit the type or the bounds of the pin, or null when it fits.</summary>
    /// <param name="value">A value, not JSON null.</param>
    public string? Misfit(JsonElement value)
    {
        if (SchemaCheck.Find(value, Type, Name) is { } misfit) return misfit;
        if (value.ValueKind != JsonValueKind.Number || (Minimum is null && Maximum is null)) return null;
        var number = value.GetDouble();
        if (number < Minimum) return $"'{Name}' must be {Minimum} or more";
        return number > Maximum ? $"'{Name}' must be {Maximum} or less" : null;
    }
}
