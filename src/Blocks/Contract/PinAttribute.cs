using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// Describes a pin beyond what its property declares. The property gives the pin's name, in snake case, and its type. A property that is <c>required</c> has no
/// default; the default of another one is its value in a new instance of the record.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public class PinAttribute : Attribute
{
    private bool? _advanced;
    private bool? _showDefault;
    private long? _minimum;
    private long? _maximum;

    /// <summary>The pin's type in the notation of <see cref="PinTypes.Parse"/>, when the type of the property cannot express it; else null.</summary>
    public string? Type { get; init; }

    /// <summary>The label in forms; null for the pin's name in title case, "" for none, as the contract has it where the type has a title.</summary>
    public string? Title { get; init; }

    /// <summary>True to show the pin only under "advanced". When it is not set, pins with a default are advanced and required ones are not.</summary>
    public bool Advanced
    {
        get => _advanced ?? false;
        init => _advanced = value;
    }

    /// <summary>The least value of a whole number; none when it is not set.</summary>
    public long Minimum
    {
        get => _minimum ?? long.MinValue;
        init => _minimum = value;
    }

    /// <summary>The greatest value of a whole number; none when it is not set.</summary>
    public long Maximum
    {
        get => _maximum ?? long.MaxValue;
        init => _maximum = value;
    }

    /// <summary>True when the value is a secret.</summary>
    public bool Secret { get; init; }

    /// <summary>True to leave the pin out of forms.</summary>
    public bool Hidden { get; init; }

    /// <summary>
    /// Whether the published schema shows the default. When it is not set, that of a list or an object is not shown and any other one is, as the contract does mostly.
    /// </summary>
    public bool ShowDefault
    {
        get => _showDefault ?? false;
        init => _showDefault = value;
    }

    /// <summary>The names of the pins that must have a value when this one has.</summary>
    public string[] DependsOn { get; init; } = [];

    /// <summary>JSON text that replaces the generated schema of the type, for types whose schema the contract writes differently; else null.</summary>
    public string? TypeSchema { get; init; }

    internal bool? AdvancedOrUnset => _advanced;

    internal bool? ShowDefaultOrUnset => _showDefault;

    internal long? MinimumOrUnset => _minimum;

    internal long? MaximumOrUnset => _maximum;

    /// <summary>The declared type, or null for the type of the property.</summary>
    internal virtual PinType? DeclaredType => Type is null ? null : PinTypes.Parse(Type);

    /// <summary>Adds further members to the schema of the pin.</summary>
    /// <param name="schema">The members of the schema so far.</param>
    internal virtual void Extend(IDictionary<string, JsonElement> schema)
    {
    }
}
