using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Grainflow.Engine.Values;

/// <summary>
/// Makes and reads JSON values. A value is a <see cref="JsonElement"/> that owns its memory; numbers keep their text, so
/// that <c>5.0</c> stays a float and <c>5</c> an integer.
/// </summary>
public static class JsonValues
{
    /// <summary>
    /// Levels of lists and objects that one value may have: <c>[]</c> has one, a text has none. The one limit for the value of a pin, wherever it comes
    /// from; a deeper one is refused with an error that names the pin or the input (<see cref="DepthProblem"/>).
    /// </summary>
    public const int MaxDepth = 512;

    /// <summary>
    /// Levels that JSON text may have to be read or written at all. Documents (messages, rows, answers, events) stand around values of
    /// <see cref="MaxDepth"/>, and a value that a text, a reply or dynamic pins have made too deep is carried to where it is refused by the name of its pin.
    /// </summary>
    public const int MaxDocumentDepth = (2 * MaxDepth) + 64;

    /// <summary>Levels that a document from outside may have: a value of <see cref="MaxDepth"/> and what stands around it in a request or a file.</summary>
    public const int MaxForeignDocumentDepth = MaxDepth + 32;

    /// <summary>For readers of documents and values: up to <see cref="MaxDocumentDepth"/> levels.</summary>
    public static JsonDocumentOptions DocumentOptions { get; } = new() { MaxDepth = MaxDocumentDepth };

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDocumentDepth, AllowDuplicateProperties = false };

    /// <summary>JSON null.</summary>
    public static readonly JsonElement Null = Parse("null");

    /// <summary>JSON true.</summary>
    public static readonly JsonElement True = Parse("true");

    /// <summary>JSON false.</summary>
    public static readonly JsonElement False = Parse("false");

    /// <summary>The empty text.</summary>
    public static readonly JsonElement EmptyText = Parse("\"\"");

    /// <summary>An object without members.</summary>
    public static readonly JsonElement EmptyObject = Parse("{}");

    /// <summary>A list without elements.</summary>
    public static readonly JsonElement EmptyArray = Parse("[]");

    /// <summary>For writers of values: nothing escaped without need, and room for <see cref="MaxDocumentDepth"/>.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDocumentDepth,
        SkipValidation = true,
    };

    /// <summary>True for JSON null and for an element that was never set.</summary>
    /// <param name="value">Any value.</param>
    public static bool IsNull(this JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>A text, or null for null. Halves of surrogate pairs are dropped, as no JSON text in UTF-8 can hold them.</summary>
    /// <param name="value">The text.</param>
    public static JsonElement From(string? value) =>
        value is null ? Null : value.Length == 0 ? EmptyText : Build(w => w.WriteStringValue(JsonCleaning.DropHalfPairs(value)));

    /// <summary>A whole number.</summary>
    /// <param name="value">The number.</param>
    public static JsonElement From(long value) => Build(w => w.WriteNumberValue(value));

    /// <summary>A whole number of any size.</summary>
    /// <param name="value">The number.</param>
    public static JsonElement From(BigInteger value) => Build(w => w.WriteRawValue(value.ToString(), skipInputValidation: true));

    /// <summary>A float, written so that it stays one (<c>5.0</c>); null for NaN and the infinities, which JSON lacks.</summary>
    /// <param name="value">The number.</param>
    public static JsonElement From(double value) =>
        double.IsFinite(value) ? Build(w => w.WriteRawValue(PythonText.Float(value), skipInputValidation: true)) : Null;

    /// <summary>True or false.</summary>
    /// <param name="value">The value.</param>
    public static JsonElement From(bool value) => value ? True : False;

    /// <summary>An object of the members in their order; of two with one name the last value wins.</summary>
    /// <param name="members">Names and values.</param>
    public static JsonElement Object(params IEnumerable<KeyValuePair<string, JsonElement>> members)
    {
        var ordered = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in members) ordered[name] = value;
        if (ordered.Count == 0) return EmptyObject;
        return Build(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in ordered)
            {
                writer.WritePropertyName(name);
                Write(writer, value);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>A list of the elements.</summary>
    /// <param name="elements">The elements in order.</param>
    public static JsonElement Array(params IEnumerable<JsonElement> elements) => Build(writer =>
    {
        writer.WriteStartArray();
        foreach (var element in elements) Write(writer, element);
        writer.WriteEndArray();
    });

    /// <summary>Whatever a writer writes; exactly one value. Number texts are kept.</summary>
    /// <param name="write">Writes the value.</param>
    public static JsonElement Build(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) write(writer);
        return JsonElement.Parse(buffer.WrittenSpan, DocumentOptions);
    }

    /// <summary>
    /// Reads JSON text. Of two members with one name the last value wins, in the place of the first; halves of surrogate
    /// pairs are dropped, as no text can hold them. Whether the result may be the value of a pin, <see cref="DepthProblem"/> says.
    /// </summary>
    /// <param name="json">JSON text.</param>
    /// <exception cref="JsonException">The text is not JSON, or nests deeper than <see cref="MaxDocumentDepth"/>.</exception>
    public static JsonElement Parse(string json) => ParseUtf8(Encoding.UTF8.GetBytes(json));

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="json">JSON text in UTF-8.</param>
    /// <exception cref="JsonException">The text is not JSON or not UTF-8, or nests deeper than <see cref="MaxDocumentDepth"/>.</exception>
    public static JsonElement ParseUtf8(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) throw new JsonException("The text is not valid UTF-8.");
        json = JsonCleaning.DropHalfPairs(json);
        if (TryParseOnce(json, Strict, out var value)) return value;
        return Distinct(JsonElement.Parse(json, DocumentOptions));
    }

    /// <summary>Reads JSON text and answers whether it was any.</summary>
    /// <param name="json">Any text.</param>
    /// <param name="value">The value, undefined when the text is not JSON.</param>
    public static bool TryParse([NotNullWhen(true)] string? json, out JsonElement value)
    {
        value = default;
        if (string.IsNullOrEmpty(json)) return false;
        try
        {
            value = Parse(json);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a value has more levels than <see cref="MaxDepth"/>.</summary>
    /// <param name="value">Any value, also one that was never set.</param>
    public static bool IsTooDeep(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return false;
        // A level takes two characters. Most long texts are not nested either, and counting brackets is much faster than reading tokens.
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (raw.Length < 2 * (MaxDepth + 1) || raw.Count((byte)'{') + raw.Count((byte)'[') <= MaxDepth) return false;
        var reader = new Utf8JsonReader(raw, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= MaxDepth) return true;
        return false;
    }

    /// <summary>Why a value may not be the value of a pin or an input, or null when it may: <c>'NAME' nests deeper than 512 levels …</c>.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="name">The pin or the input, for the text.</param>
    public static string? DepthProblem(JsonElement value, string name) =>
        IsTooDeep(value) ? $"'{name}' nests deeper than {MaxDepth} levels of lists and objects, which is the limit" : null;

    /// <summary>JSON text without white space; non-ASCII stands as it is and numbers keep their text.</summary>
    /// <param name="value">Any value.</param>
    public static string Compact(JsonElement value) => JsonText.Write(value, JsonText.Style.Compact);

    /// <summary><see cref="Compact"/> in UTF-8.</summary>
    /// <param name="value">Any value.</param>
    public static byte[] CompactUtf8(JsonElement value) => Encoding.UTF8.GetBytes(Compact(value));

    /// <summary>The length of <see cref="CompactUtf8"/> in bytes, without making that text where the value was read from a text like it.</summary>
    /// <param name="value">Any value; 0 for one that was never set.</param>
    public static int CompactSize(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined) return 0;
        var raw = JsonMarshal.GetRawUtf8Value(value);
        // Escapes may be written in another way, or not at all.
        if (raw.Contains((byte)'\\')) return Encoding.UTF8.GetByteCount(Compact(value));
        if (raw.IndexOfAny(" \t\r\n"u8) < 0) return raw.Length;
        var size = 0;
        var inText = false;
        foreach (var character in raw)
        {
            if (character == (byte)'"') inText = !inText;
            if (inText || character is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')) size++;
        }

        return size;
    }

    /// <summary>
    /// The value without what PostgreSQL cannot hold (contract: semantics section 0): control characters other than
    /// tab, line feed and carriage return, U+007F, and halves of surrogate pairs, in texts and in names.
    /// </summary>
    /// <param name="value">Any value.</param>
    public static JsonElement Clean(JsonElement value) => JsonCleaning.Clean(value);

    /// <summary>The text without what <see cref="Clean"/> strips.</summary>
    /// <param name="text">Any text.</param>
    public static string CleanText(string text) => JsonCleaning.CleanText(text);

    /// <summary>The member of that name, or null when there is none or the value is not an object.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="name">The member's name.</param>
    public static JsonElement? Member(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;

    /// <summary>True when a number is written with a fraction or an exponent.</summary>
    /// <param name="number">A number.</param>
    internal static bool IsFloat(JsonElement number) => JsonMarshal.GetRawUtf8Value(number).IndexOfAny(".eE"u8) >= 0;

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined) writer.WriteNullValue();
        else value.WriteTo(writer);
    }

    // The parser says only "invalid" for a repeated name, so a failure is tried again without that rule.
    private static bool TryParseOnce(ReadOnlySpan<byte> json, JsonDocumentOptions options, out JsonElement value)
    {
        try
        {
            value = JsonElement.Parse(json, options);
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }

    private static JsonElement Distinct(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Object(value.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, Distinct(m.Value)))),
        JsonValueKind.Array => Array(value.EnumerateArray().Select(Distinct)),
        _ => value,
    };
}
