using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.OpenApi;

/// <summary>Writes JSON schemas of the API's records, each under its name in <c>components.schemas</c>.</summary>
internal sealed class SchemaWriter
{
    /// <summary>The schemas of all records that were written so far, by name.</summary>
    public SortedDictionary<string, JsonNode?> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema of a type. For a record it is a reference, and the schema itself is added to <see cref="Components"/>.</summary>
    public JsonObject Of(Type type, bool nullable = false, ICustomAttributeProvider? member = null)
    {
        if (Attribute<AnyJsonAttribute>(member) is not null) return JsonNode.Parse(AnyJsonAttribute.Schema)!.AsObject();
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Of(underlying, nullable: true, member);
        var schema = OfValue(type, member);
        return nullable ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) } : schema;
    }

    private JsonObject OfValue(Type type, ICustomAttributeProvider? member)
    {
        if (type == typeof(JsonElement) || type == typeof(object)) return [];
        if (type == typeof(string)) return OfText(member);
        if (type == typeof(int) || type == typeof(long)) return OfInteger(member);
        if (type == typeof(double)) return new JsonObject { ["type"] = "number" };
        if (type == typeof(bool)) return OfFlag(member);
        if (type == typeof(DateTimeOffset)) return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        if (type.IsEnum) return Component(type, () => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(value, type, GatewayJson.Options))]) });

        if (type.GetCustomAttribute<OneOfRecordsAttribute>() is { } choices) return OfChoices(choices);
        var shape = GatewayJson.Options.GetTypeInfo(type);
        return shape.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = OfItems(shape.ElementType!, member) },
            JsonTypeInfoKind.Dictionary => OfMap(shape.ElementType!, member),
            _ => Component(type, () => OfRecord(shape)),
        };
    }

    private JsonObject OfItems(Type element, ICustomAttributeProvider? member)
    {
        if (Attribute<ItemsOfAttribute>(member) is { } union) return new JsonObject { ["anyOf"] = new JsonArray([.. union.Records.Select(record => (JsonNode?)Of(record))]) };
        return element == typeof(string) && Attribute<OneOfAttribute>(member) is not null ? OfText(member) : Of(element);
    }

    private JsonObject OfMap(Type element, ICustomAttributeProvider? member)
    {
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = element == typeof(JsonElement) ? true : Of(element, member: member) };
        if (Attribute<NamesOneOfAttribute>(member) is { } known) schema["propertyNames"] = new JsonObject { ["enum"] = new JsonArray([.. known.Names.Select(name => (JsonNode?)name)]) };
        return schema;
    }

    /// <summary>One of several records. It is no component of its own.</summary>
    private JsonObject OfChoices(OneOfRecordsAttribute choices)
    {
        var (records, mapping) = (new JsonArray(), new JsonObject());
        foreach (var (text, record) in choices.Records)
        {
            var reference = Of(record);
            mapping[text] = reference["$ref"]!.DeepClone();
            records.Add(reference);
        }

        return new JsonObject { ["oneOf"] = records, ["discriminator"] = new JsonObject { ["propertyName"] = choices.Member, ["mapping"] = mapping } };
    }

    private static JsonObject OfFlag(ICustomAttributeProvider? member)
    {
        var schema = new JsonObject { ["type"] = "boolean" };
        if (Attribute<ConstAttribute>(member) is { } constant) schema["const"] = JsonNode.Parse(constant.Json);
        return schema;
    }

    private static JsonObject OfInteger(ICustomAttributeProvider? member)
    {
        var schema = new JsonObject { ["type"] = "integer" };
        if (Attribute<AtLeastAttribute>(member) is { } bound) schema["minimum"] = bound.Least;
        return schema;
    }

    private static JsonObject OfText(ICustomAttributeProvider? member)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (Attribute<SecretAttribute>(member) is not null) (schema["format"], schema["writeOnly"]) = ("password", true);
        if (Attribute<BinaryAttribute>(member) is not null) schema["format"] = "binary";
        if (Attribute<LongestAttribute>(member) is { } bound) schema["maxLength"] = bound.Most;
        if (Attribute<OneOfAttribute>(member) is not { } choices) return schema;
        if (choices.Values.Length == 1) schema["const"] = choices.Values[0];
        else schema["enum"] = new JsonArray([.. choices.Values.Select(value => (JsonNode?)value)]);
        return schema;
    }

    private JsonObject OfRecord(JsonTypeInfo shape)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        var schema = new JsonObject { ["properties"] = properties, ["type"] = "object" };
        foreach (var member in shape.Properties)
        {
            if (member.IsExtensionData)
            {
                schema["additionalProperties"] = true;
                continue;
            }

            var property = Of(member.PropertyType, member.IsGetNullable, member.AttributeProvider);
            if (Attribute<SchemaDefaultAttribute>(member.AttributeProvider) is { } fallback) property["default"] = JsonNode.Parse(fallback.Json);
            if (Attribute<ReadOnlyMemberAttribute>(member.AttributeProvider) is not null) property["readOnly"] = true;
            properties[member.Name] = property;
            if (member.IsRequired || Attribute<AlwaysAttribute>(member.AttributeProvider) is not null) required.Add(member.Name);
        }

        if (required.Count > 0) schema["required"] = required;
        return schema;
    }

    private JsonObject Component(Type type, Func<JsonObject> write)
    {
        var name = type.GetCustomAttribute<SchemaNameAttribute>()?.Name ?? type.Name;
        if (Components.TryAdd(name, null)) Components[name] = write();
        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    private static T? Attribute<T>(ICustomAttributeProvider? member)
        where T : Attribute =>
        member?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().FirstOrDefault();
}
