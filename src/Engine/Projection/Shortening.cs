using System.Buffers;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Projection;

/// <summary>
/// Cuts long texts and long lists in the middle until a value fits (contract: semantics 7.3). The longest length that fits is found by halving. Members of
/// objects are left out, in the middle too, only where the names alone do not fit.
/// </summary>
public static class Shortening
{
    private const int Longest = 1 << 30;

    /// <summary>A value as JSON of at most so many bytes.</summary>
    /// <param name="value">The value.</param>
    /// <param name="limit">Bytes. Below 64 the result may be longer, because what is left of a value takes that much.</param>
    /// <param name="wasCut">True when something was left out.</param>
    public static ReadOnlyMemory<byte> Write(JsonElement value, int limit, out bool wasCut)
    {
        var whole = Write(value, Longest, cutObjects: false);
        wasCut = whole.Length > limit;
        if (!wasCut) return whole;
        var cutObjects = Write(value, 0, cutObjects: false).Length > limit;
        var (fits, tooLong) = (0, whole.Length);
        while (tooLong - fits > 1)
        {
            var length = fits + ((tooLong - fits) / 2);
            if (Write(value, length, cutObjects).Length <= limit) fits = length;
            else tooLong = length;
        }

        return Write(value, fits, cutObjects);
    }

    private static ReadOnlyMemory<byte> Write(JsonElement value, int length, bool cutObjects)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonValues.WriterOptions)) Write(writer, value, length, cutObjects);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, int length, bool cutObjects)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, value, length, cutObjects);
                break;
            case JsonValueKind.Array:
                WriteList(writer, value, length, cutObjects);
                break;
            case JsonValueKind.String when value.GetString() is { } text && text.Length > length:
                writer.WriteStringValue(Cut(text, length));
                break;
            case JsonValueKind.Undefined:
                writer.WriteNullValue();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value, int length, bool cutObjects)
    {
        var omitted = cutObjects ? Math.Max(0, value.GetPropertyCount() - length) : 0;
        var (head, index) = ((length + 1) / 2, 0);
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            if (omitted > 0 && index == head) writer.WriteNull(Marker(omitted, "members"));
            if (omitted == 0 || index < head || index >= head + omitted)
            {
                writer.WritePropertyName(member.Name);
                Write(writer, member.Value, length, cutObjects);
            }

            index++;
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, JsonElement list, int length, bool cutObjects)
    {
        var omitted = Math.Max(0, list.GetArrayLength() - length);
        var (head, index) = ((length + 1) / 2, 0);
        writer.WriteStartArray();
        foreach (var item in list.EnumerateArray())
        {
            if (omitted > 0 && index == head) writer.WriteStringValue(Marker(omitted, "items"));
            if (omitted == 0 || index < head || index >= head + omitted) Write(writer, item, length, cutObjects);
            index++;
        }

        writer.WriteEndArray();
    }

    private static string Cut(string text, int length)
    {
        var head = (length + 1) / 2;
        var tail = text.Length - (length / 2);
        // Not between the halves of a surrogate pair.
        if (head > 0 && char.IsHighSurrogate(text[head - 1])) head--;
        if (tail < text.Length && char.IsLowSurrogate(text[tail])) tail++;
        var omitted = 0;
        foreach (var character in text.AsSpan(head, tail - head))
        {
            if (!char.IsLowSurrogate(character)) omitted++;
        }

        return $"{text[..head]}{Marker(omitted, "chars")}{text[tail..]}";
    }

    /// <summary>Stands for what was left out, in the form of the contract.</summary>
    private static string Marker(int omitted, string of) => $"… (omitted {omitted} {of})…";
}
