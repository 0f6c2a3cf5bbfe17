using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Writes the JSON schemas of a block as the contract publishes them (<c>block-schemas.json</c>).</summary>
internal static class PinSchema
{
    private static readonly JsonElement NullSchema = Object(("type", JsonValues.From("null")));

    /// <summary>The schema of all input pins or all output pins.</summary>
    public static JsonElement Of(IReadOnlyList<PinModel> pins, string title) => Model(pins, title, OfPin);

    private static JsonElement Model(IEnumerable<PinModel> members, string title, Func<PinModel, JsonElement> schema, params (string, JsonElement)[] first)
    {
        var all = members.ToList();
        var properties = first.Concat(all.Select(m => (m.Name, schema(m))));
        var required = first.Select(f => f.Item1).Concat(all.Where(m => m.Required).Select(m => m.Name)).Select(JsonValues.From).ToList();
        var parts = new List<(string, JsonElement)> { ("properties", Object([.. properties])) };
        if (required.Count > 0) parts.Add(("required", JsonValues.Array(required)));
        parts.Add(("title", JsonValues.From(title)));
        parts.Add(("type", JsonValues.From("object")));
        return Object([.. parts]);
    }

    private static JsonElement OfPin(PinModel pin)
    {
        if (pin.Flags is CredentialsPinAttribute credentials) return OfCredentials(credentials);
        var schema = Start(pin);
        if (pin.Default is { } value && ShowsDefault(pin, value)) schema["default"] = value;
        schema["advanced"] = JsonValues.From(pin.Flags.AdvancedOrUnset ?? !pin.Required);
        schema["secret"] = JsonValues.From(pin.Flags.Secret);
        if (pin.Flags.Title != "") schema["title"] = JsonValues.From(pin.Flags.Title ?? (pin.Type is PinType.ModelType ? pin.ClrType.Name : TitleOf(pin.Name)));
        if (pin.Flags.MinimumOrUnset is { } minimum) schema["minimum"] = JsonValues.From(minimum);
        if (pin.Flags.MaximumOrUnset is { } maximum) schema["maximum"] = JsonValues.From(maximum);
        if (pin.Flags.Hidden) schema["hidden"] = JsonValues.True;
        if (pin.Flags.DependsOn.Length > 0) schema["depends_on"] = JsonValues.Array(pin.Flags.DependsOn.Select(JsonValues.From));
        pin.Flags.Extend(schema);
        return JsonValues.Object(schema);
    }

    private static JsonElement OfMember(PinModel member)
    {
        var schema = Start(member);
        if (member.Default is { } value && ShowsDefault(member, value)) schema["default"] = value;
        // Members of a model that the contract declares like pins have these two flags, and members of other models do not.
        if (member.Flags.AdvancedOrUnset is { } advanced)
        {
            schema["advanced"] = JsonValues.From(advanced);
            schema["secret"] = JsonValues.From(member.Flags.Secret);
        }

        schema["title"] = JsonValues.From(member.Flags.Title ?? TitleOf(member.Name));
        return JsonValues.Object(schema);
    }

    private static SortedDictionary<string, JsonElement> Start(PinModel pin)
    {
        var type = pin.Flags.TypeSchema is { } text ? JsonValues.Parse(text) : OfType(pin.Type, pin.ClrType);
        return new(type.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal), StringComparer.Ordinal);
    }

    // The contract's schemas mostly show no default for lists and objects.
    private static bool ShowsDefault(PinModel pin, JsonElement value) => pin.Flags.ShowDefaultOrUnset ?? !(IsContainer(pin.Type) && !value.IsNull());

    private static bool IsContainer(PinType type) => type is PinType.ArrayType or PinType.MapType or PinType.NullableType { Inner: PinType.ArrayType or PinType.MapType };

    private static JsonElement OfType(PinType type, Type? clrType = null) => type switch
    {
        PinType.AnyType => JsonValues.EmptyObject,
        PinType.StringType { Format: { } format } => Object(("type", JsonValues.From("string")), ("format", JsonValues.From(format))),
        PinType.StringType => Object(("type", JsonValues.From("string"))),
        PinType.IntegerType => Object(("type", JsonValues.From("integer"))),
        PinType.NumberType => Object(("type", JsonValues.From("number"))),
        PinType.BooleanType => Object(("type", JsonValues.From("boolean"))),
        PinType.ArrayType array => Object(("type", JsonValues.From("array")), ("items", OfType(array.Element, clrType?.GenericTypeArguments.LastOrDefault()))),
        PinType.MapType map => Object(("type", JsonValues.From("object")), ("additionalProperties", map.Value is PinType.AnyType ? JsonValues.True : OfType(map.Value))),
        PinType.EnumType options => Object(("type", JsonValues.From("string")), ("enum", JsonValues.Array(options.Values.Select(JsonValues.From)))),
        PinType.NullableType nullable => Object(("anyOf", JsonValues.Array(OfType(nullable.Inner, clrType), NullSchema))),
        PinType.UnionType when clrType is not null && PinReader.Cases(clrType).Count > 0 => OfCases(clrType),
        PinType.UnionType union => Object(("anyOf", JsonValues.Array(union.Members.Select(m => OfType(m))))),
        PinType.ModelType when clrType is not null => Model(PinReader.Read(clrType), clrType.Name, OfMember),
        _ => throw new NotSupportedException($"No schema for {type}."),
    };

    private static JsonElement OfCases(Type type)
    {
        var discriminator = PinReader.DiscriminatorName(type);
        var cases = PinReader.Cases(type);
        return Object(
            ("discriminator", Object(
                ("mapping", Object([.. cases.Select(c => ((string)c.TypeDiscriminator!, JsonValues.From($"#/$defs/{c.DerivedType.Name}")))])),
                ("propertyName", JsonValues.From(discriminator)))),
            ("oneOf", JsonValues.Array(cases.Select(c => Model(PinReader.Read(c.DerivedType), c.DerivedType.Name, OfMember, (discriminator, Object(
                ("const", JsonValues.From((string)c.TypeDiscriminator!)),
                ("title", JsonValues.From(TitleOf(discriminator))),
                ("type", JsonValues.From("string")))))))));
    }

    private static JsonElement OfCredentials(CredentialsPinAttribute pin)
    {
        var requirement = pin.Requirement;
        var schema = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["credentials_provider"] = JsonValues.Array(requirement.Providers.Select(JsonValues.From)),
            ["credentials_types"] = JsonValues.Array(requirement.Types.Select(JsonValues.From)),
            ["properties"] = Object(
                ("id", Object(("title", JsonValues.From("Id")), ("type", JsonValues.From("string")))),
                ("title", Object(("anyOf", JsonValues.Array(OfType(PinType.String), NullSchema)), ("default", JsonValues.Null), ("title", JsonValues.From("Title")))),
                ("provider", pin.IsOpen ? Object(("title", JsonValues.From("Provider")), ("type", JsonValues.From("string"))) : OneOf(requirement.Providers, "Provider")),
                ("type", OneOf(pin.IsOpen ? [CredentialTypes.ApiKey, CredentialTypes.OAuth2, CredentialTypes.UserPassword] : requirement.Types, "Type"))),
            ["required"] = JsonValues.Array(JsonValues.From("id"), JsonValues.From("provider"), JsonValues.From("type")),
            ["type"] = JsonValues.From("object"),
        };
        if (requirement.Scopes.Count > 0) schema["credentials_scopes"] = JsonValues.Array(requirement.Scopes.Select(JsonValues.From));
        if (requirement.Discriminator is { } discriminator)
        {
            schema["discriminator"] = JsonValues.From(discriminator);
            if (requirement.DiscriminatorMapping.Count > 0) schema["discriminator_mapping"] = Object([.. requirement.DiscriminatorMapping.Select(m => (m.Key, JsonValues.From(m.Value)))]);
        }

        return JsonValues.Object(schema);
    }

    private static JsonElement OneOf(IReadOnlyList<string> values, string title) => Object(
        values.Count == 1 ? ("const", JsonValues.From(values[0])) : ("enum", JsonValues.Array(values.Select(JsonValues.From))),
        ("title", JsonValues.From(title)),
        ("type", JsonValues.From("string")));

    private static string TitleOf(string name) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(name.Trim('_').Replace('_', ' ').ToLowerInvariant());

    private static JsonElement Object(params (string Name, JsonElement Value)[] members) => JsonValues.Object(members.Select(m => KeyValuePair.Create(m.Name, m.Value)));
}
