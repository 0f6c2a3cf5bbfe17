using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>A pin, as read from the property that declares it.</summary>
/// <param name="Name">The name of the pin.</param>
/// <param name="PropertyName">The name of the C# property.</param>
/// <param name="ClrType">The C# type of the property.</param>
/// <param name="Type">The type of the pin.</param>
/// <param name="Flags">The attribute of the property, or one with defaults.</param>
/// <param name="Default">The default; null for a required pin.</param>
/// <param name="Direct">True when the record declares the pin itself, false when it inherits it.</param>
internal sealed record PinModel(string Name, string PropertyName, Type ClrType, PinType Type, PinAttribute Flags, JsonElement? Default, bool Direct)
{
    public bool Required => Default is null;

    public PinDefinition Define() => new()
    {
        Name = Name,
        Type = Type,
        Required = Required,
        Default = Default,
        Converted = Direct,
        Credentials = (Flags as CredentialsPinAttribute)?.Requirement,
        Minimum = Flags.MinimumOrUnset,
        Maximum = Flags.MaximumOrUnset,
        Secret = Flags.Secret,
        DependsOn = Flags.DependsOn,
    };
}
