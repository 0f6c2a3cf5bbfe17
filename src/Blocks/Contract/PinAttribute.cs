using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// Says of a pin what its property does not: the property's name in snake case is the pin, <c>required</c> means that there is no
/// default, the value of a fresh object is the default, and the property's type is the pin's type.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public class PinAttribute : Attribute
{
    private bool? _advanced;

    /// <summary>The pin's type in the notation of <see cref="PinTypes.Parse"/>, where the property's type cannot say it.</summary>
    public string? Type { get; init; }

    /// <summary>The label in forms; null for the pin's name in title case.</summary>
    public string? Title { get; init; }

    /// <summary>True to hide the pin behind "advanced"; unset, a pin with a default is advanced and a required one is not.</summary>
    public bool Advanced
    {
        get => _advanced ?? false;
        init => _advanced = value;
    }

    /// <summary>True when the value is a secret.</summary>
    public bool Secret { get; init; }

    /// <summary>True to leave the pin out of forms.</summary>
    public bool Hidden { get; init; }

    /// <summary>Names of pins that must have a value when this one has.</summary>
    public string[] DependsOn { get; init; } = [];

    /// <summary>JSON text that takes the place of the schema generated from the type, where the contract's differs in writing only.</summary>
    public string? TypeSchema { get; init; }

    internal bool? AdvancedOrUnset => _advanced;

    /// <summary>The declared type, or null to take it from the property.</summary>
    internal virtual PinType? DeclaredType => Type is null ? null : PinTypes.Parse(Type);

    /// <summary>Adds what the pin's schema has beyond the rules.</summary>
    /// <param name="schema">The members of the schema so far.</param>
    internal virtual void Extend(IDictionary<string, JsonElement> schema)
    {
    }
}
