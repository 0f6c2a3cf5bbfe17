using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>
/// Makes values that fit a JSON schema, the same for the same seed (decision 36). A value is a plausible one of its kind and not a random one: a date is a date, a choice one
/// of the choices, a text says what it stands for.
/// </summary>
public static class SampleValues
{
    /// <summary>How deep a sample nests; deeper parts are null.</summary>
    private const int MaxDepth = 6;

    /// <summary>How many items a list has at least, where the schema allows it.</summary>
    private const int Items = 2;

    private static readonly JsonElement TextSchema = JsonValues.Parse("""{"type": "string"}""");

    /// <summary>A value that fits a schema.</summary>
    /// <param name="schema">The schema of one pin: of the contract's kinds <c>type</c>, <c>enum</c>, <c>const</c>, <c>anyOf</c>, <c>format</c>, <c>items</c>, <c>properties</c> and limits. Others are ignored.</param>
    /// <param name="name">What the value is called; texts contain it.</param>
    /// <param name="seed">Any text; another one makes other choices.</param>
    /// <param name="definitions">The schema's <c>$defs</c>, or null.</param>
    public static JsonElement Of(JsonElement schema, string name, string seed, JsonElement? definitions = null) => new Sampler(seed, definitions).Of(schema, name, 0);

    private sealed class Sampler(string seed, JsonElement? definitions)
    {
        public JsonElement Of(JsonElement schema, string name, int depth)
        {
            if (depth > MaxDepth) return JsonValues.Null;
            if (schema.Member("$ref") is { ValueKind: JsonValueKind.String } reference && definitions?.Member(reference.GetString()!.Split('/')[^1]) is { } named) return Of(named, name, depth + 1);
            if (schema.Member("const") is { } only) return only;
            if (schema.Member("enum") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0) return choices[Pick(name, choices.GetArrayLength())];
            foreach (var either in new[] { "anyOf", "oneOf", "allOf" })
            {
                if (schema.Member(either) is { ValueKind: JsonValueKind.Array } parts && parts.EnumerateArray().FirstOrDefault(part => Type(part) != "null") is { ValueKind: JsonValueKind.Object } part)
                    return Of(part, name, depth + 1);
            }

            return Type(schema) switch
            {
                "string" => JsonValues.From(Text(schema, name)),
                "integer" => JsonValues.From((long)Number(schema, name)),
                "number" => JsonValues.From(Number(schema, name)),
                "boolean" => JsonValues.From(Pick(name, 2) == 0),
                "array" => List(schema, name, depth),
                "object" => Object(schema, depth),
                "null" => JsonValues.Null,
                _ => JsonValues.From(Text(TextSchema, name)),
            };
        }

        private static string? Type(JsonElement schema) => schema.Member("type") switch
        {
            { ValueKind: JsonValueKind.String } type => type.GetString(),
            { ValueKind: JsonValueKind.Array } types => types.EnumerateArray().Select(type => type.GetString()).FirstOrDefault(type => type != "null"),
            _ => schema.Member("properties") is not null ? "object" : null,
        };

        private string Text(JsonElement schema, string name)
        {
            var text = (schema.Member("format") is { ValueKind: JsonValueKind.String } format ? format.GetString() : null) switch
            {
                "date" => "2025-01-15",
                "time" => "09:30:00",
                "date-time" => "2025-01-15T09:30:00+00:00",
                "uri" or "url" => $"https://example.com/{Uri.EscapeDataString(name)}",
                "email" => "person@example.com",
                "uuid" => new Guid(Hash(name).AsSpan(0, 16)).ToString(),
                "file" => "data:text/plain;base64,c2FtcGxl",
                _ when IsAddress(name) => $"https://example.com/{Uri.EscapeDataString(name)}",
                _ => $"Sample {name.Replace('_', ' ')} {Convert.ToHexStringLower(Hash(name).AsSpan(0, 2))}",
            };
            if (schema.Member("minLength") is { ValueKind: JsonValueKind.Number } least && least.TryGetInt32(out var shortest) && text.Length < shortest) text = text.PadRight(shortest, '.');
            return schema.Member("maxLength") is { ValueKind: JsonValueKind.Number } most && most.TryGetInt32(out var longest) && text.Length > longest ? text[..Math.Max(0, longest)] : text;
        }

        private static bool IsAddress(string name) => name.Split('_') is var words && (words.Contains("url", StringComparer.Ordinal) || words.Contains("urls", StringComparer.Ordinal));

        private double Number(JsonElement schema, string name)
        {
            var least = Limit(schema, "minimum") ?? Limit(schema, "exclusiveMinimum") + 1 ?? 1;
            var most = Limit(schema, "maximum") ?? Limit(schema, "exclusiveMaximum") - 1 ?? least + 99;
            return Math.Floor(Math.Min(least + Pick(name, 100), Math.Max(least, most)));
        }

        private static double? Limit(JsonElement schema, string name) => schema.Member(name) is { ValueKind: JsonValueKind.Number } limit ? limit.GetDouble() : null;

        private JsonElement List(JsonElement schema, string name, int depth)
        {
            var least = (int)(Limit(schema, "minItems") ?? 0);
            var count = (int)Math.Min(Math.Max(least, Items), Limit(schema, "maxItems") ?? int.MaxValue);
            var items = schema.Member("items") is { ValueKind: JsonValueKind.Object } item ? item : TextSchema;
            return JsonValues.Array(Enumerable.Range(1, Math.Min(count, 100)).Select(number => Of(items, string.Create(CultureInfo.InvariantCulture, $"{name}_{number}"), depth + 1)));
        }

        private JsonElement Object(JsonElement schema, int depth)
        {
            if (schema.Member("properties") is { ValueKind: JsonValueKind.Object } members)
                return JsonValues.Object(members.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, Of(member.Value, member.Name, depth + 1))));
            var value = schema.Member("additionalProperties") is { ValueKind: JsonValueKind.Object } values ? values : TextSchema;
            return JsonValues.Object(KeyValuePair.Create("key", Of(value, "value", depth + 1)));
        }

        private int Pick(string name, int count) => (int)(BinaryPrimitives.ReadUInt32BigEndian(Hash(name)) % (uint)count);

        private byte[] Hash(string name) => SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\n{name}"));
    }
}
