using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Requests;

/// <summary>Validates a body against the record that describes it and collects all problems, with the contract's texts.</summary>
internal sealed class BodyCheck
{
    private const int MaxProblems = 100;
    private readonly List<ValidationProblem> _problems = [];
    private bool _hidesInput;

    /// <summary>Checks a whole body.</summary>
    /// <exception cref="ApiException">422: the body does not match.</exception>
    public static void Require(JsonElement body, Type type)
    {
        var check = new BodyCheck { _hidesInput = type.IsDefined(typeof(SecretBodyAttribute), inherit: false) };
        try
        {
            check.Check(body, type, nullable: false, property: null, ["body"]);
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair is valid JSON, but it cannot be converted to a text.
            throw BodyReader.NotJson(0, "a text has half of a surrogate pair");
        }

        if (check._problems.Count > 0) throw ApiException.Invalid(check._problems);
    }

    private void Check(JsonElement value, Type type, bool nullable, ICustomAttributeProvider? property, IReadOnlyList<object> place)
    {
        if (_problems.Count >= MaxProblems) return;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            type = underlying;
            nullable = true;
        }

        if ((nullable && value.ValueKind == JsonValueKind.Null) || type == typeof(JsonElement)) return;
        if (type == typeof(string)) CheckText(value, property, place);
        else if (type == typeof(int) || type == typeof(long)) CheckInteger(value, type, property, place);
        else if (type == typeof(bool)) Require(value.ValueKind is JsonValueKind.True or JsonValueKind.False, "bool_type", "Input should be a valid boolean", value, place);
        else CheckContainer(value, type, property, place);
    }

    private void CheckContainer(JsonElement value, Type type, ICustomAttributeProvider? property, IReadOnlyList<object> place)
    {
        if (type.GetCustomAttribute<OneOfRecordsAttribute>() is { } choices)
        {
            CheckChoice(value, choices, place);
            return;
        }

        var shape = GatewayJson.Options.GetTypeInfo(type);
        if (shape.Kind == JsonTypeInfoKind.Enumerable)
        {
            if (!Require(value.ValueKind == JsonValueKind.Array, "list_type", "Input should be a valid list", value, place)) return;
            foreach (var (item, index) in value.EnumerateArray().Select((item, index) => (item, index)))
                Check(item, shape.ElementType!, nullable: false, shape.ElementType == typeof(string) ? property : null, [.. place, index]);
        }
        else if (shape.Kind == JsonTypeInfoKind.Dictionary)
        {
            if (!Require(value.ValueKind == JsonValueKind.Object, "dict_type", "Input should be a valid dictionary", value, place)) return;
            foreach (var member in value.EnumerateObject()) Check(member.Value, shape.ElementType!, nullable: false, null, [.. place, member.Name]);
        }
        else
        {
            if (!Require(value.ValueKind == JsonValueKind.Object, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", value, place)) return;
            foreach (var member in shape.Properties)
            {
                if (value.TryGetProperty(member.Name, out var given)) Check(given, member.PropertyType, member.IsSetNullable, member.AttributeProvider, [.. place, member.Name]);
                else if (member.IsRequired) Add("missing", "Field required", value, [.. place, member.Name]);
            }
        }
    }

    private void CheckChoice(JsonElement value, OneOfRecordsAttribute choices, IReadOnlyList<object> place)
    {
        if (!Require(value.ValueKind == JsonValueKind.Object, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", value, place)) return;
        var name = $"'{choices.Member}'";
        if (!value.TryGetProperty(choices.Member, out var given))
        {
            Add("union_tag_not_found", $"Unable to extract tag using discriminator {name}", value, place, new Dictionary<string, object>(StringComparer.Ordinal) { ["discriminator"] = name });
            return;
        }

        if (given.ValueKind == JsonValueKind.String && choices.Records.TryGetValue(given.GetString()!, out var record))
        {
            CheckContainer(value, record, property: null, [.. place, given.GetString()!]);
            return;
        }

        var expected = string.Join(", ", choices.Records.Keys.Select(text => $"'{text}'"));
        Add(
            "union_tag_invalid", $"Input tag '{given}' found using {name} does not match any of the expected tags: {expected}", value, place,
            new Dictionary<string, object>(StringComparer.Ordinal) { ["discriminator"] = name, ["tag"] = given.ToString(), ["expected_tags"] = expected });
    }

    private void CheckText(JsonElement value, ICustomAttributeProvider? property, IReadOnlyList<object> place)
    {
        var choices = property?.GetCustomAttributes(typeof(OneOfAttribute), inherit: false).OfType<OneOfAttribute>().FirstOrDefault()?.Values;
        if (choices is not null && !(value.ValueKind == JsonValueKind.String && choices.Contains(value.GetString(), StringComparer.Ordinal)))
        {
            var expected = string.Join(", ", choices[..^1].Select(choice => $"'{choice}'")) + $" or '{choices[^1]}'";
            Add("literal_error", "Input should be " + expected, value, place, new Dictionary<string, object>(StringComparer.Ordinal) { ["expected"] = expected });
            return;
        }

        if (!Require(value.ValueKind == JsonValueKind.String, "string_type", "Input should be a valid string", value, place)) return;
        var text = value.GetString()!;
        if (property?.GetCustomAttributes(typeof(LongestAttribute), inherit: false).OfType<LongestAttribute>().FirstOrDefault()?.Most is not { } most || text.Length <= most) return;
        Add("string_too_long", $"String should have at most {most} characters", value, place, new Dictionary<string, object>(StringComparer.Ordinal) { ["max_length"] = most });
    }

    private void CheckInteger(JsonElement value, Type type, ICustomAttributeProvider? property, IReadOnlyList<object> place)
    {
        if (!Require(value.ValueKind == JsonValueKind.Number, "int_type", "Input should be a valid integer", value, place)) return;
        if (!Require(value.TryGetInt64(out var number) && (type == typeof(long) || number is >= int.MinValue and <= int.MaxValue), "int_from_float", "Input should be a valid integer, got a number that is not one or is too large", value, place)) return;
        if (property?.GetCustomAttributes(typeof(AtLeastAttribute), inherit: false).OfType<AtLeastAttribute>().FirstOrDefault()?.Least is not { } least || number >= least) return;
        Add("greater_than_equal", $"Input should be greater than or equal to {least}", value, place, new Dictionary<string, object>(StringComparer.Ordinal) { ["ge"] = least });
    }

    private bool Require(bool holds, string type, string message, JsonElement value, IReadOnlyList<object> place)
    {
        if (!holds) Add(type, message, value, place);
        return holds;
    }

    private void Add(string type, string message, JsonElement value, IReadOnlyList<object> place, IReadOnlyDictionary<string, object>? context = null) =>
        _problems.Add(new ValidationProblem(type, place, message, _hidesInput ? GatewayJson.Null : value, context));
}
