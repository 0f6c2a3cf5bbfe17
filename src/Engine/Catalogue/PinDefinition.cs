using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Catalogue;

/// <summary>One input or output pin of a block.</summary>
public sealed record PinDefinition
{
    /// <summary>The name used in links and in <c>input_default</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The type values are converted to and checked against.</summary>
    public required PinType Type { get; init; }

    /// <summary>True when a value must be there before the block may run. A null value counts as there.</summary>
    public bool Required { get; init; }

    /// <summary>The value taken when none is given; null when the pin has no default. A default of JSON null is an element of kind Null.</summary>
    public JsonElement? Default { get; init; }

    /// <summary>
    /// False for fields that the block's input type inherits: those are checked but never converted
    /// (contract: semantics 2.6 step 5).
    /// </summary>
    public bool Converted { get; init; } = true;

    /// <summary>Set when the pin takes credentials: which providers and types it accepts.</summary>
    public CredentialsRequirement? Credentials { get; init; }

    /// <summary>True when the value is a secret that exports must drop.</summary>
    public bool Secret { get; init; }

    /// <summary>Names of pins that must have a value when this one has (contract: semantics 1.6, <c>depends_on</c>).</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];
}
