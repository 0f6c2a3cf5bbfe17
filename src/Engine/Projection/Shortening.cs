using System.Buffers;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Projection;

/// <summary>
/// Cuts long texts and long lists in the middle until a value fits (contract: semantics 7.3). The longest length that fits is
/// found by halving; keys of objects are never dropped.
/// </summary>
public static class Shortening
{
    private const int Longest = 1 << 30;

    /// <summary>A value as JSON of at most so many bytes, unless its keys alone are larger.</summary>
    /// <param name="value">The value.</param>
    /// <param name="limit">Bytes.</param>
    /// <param name="wasCut">True when something was cut.</param>
    public static ReadOnlyMemory<byte> Write(JsonElement value, int limit, out bool wasCut)
    {
        var whole = Write(value, Longest);
        wasCut = whole.Length > limit;
        if (!wasCut) return whole;
        var (fits, tooLong) = (0, whole.Length);
        while (tooLong - fits > 1)
        {
            var length = fits + ((tooLong - fits) / 2);
            if (Write(value, length).Length <= limit) fits = length;
            else tooLong = length;
        }

        return Write(value, fits);
    }

    private static ReadOnlyMemory<byte> Write(JsonElement value, int length)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonValues.WriterOptions)) Write(writer, value, length);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, int length)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, length);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                WriteList(writer, value, length);
                break;
            case JsonValueKind.String when value.GetString() is { } text && text.Length > length:
                writer.WriteStringValue(Cut(text, length));
                break;
            default:
                if (value.ValueKind == JsonValueKind.Undefined) writer.WriteNullValue();
                else value.WriteTo(writer);
                break;
        }
    }

    private static void WriteList(Utf8JsonWriter writer, JsonElement list, int length)
    {
        var count = list.GetArrayLength();
        var omitted = Math.Max(0, count - length);
        var (head, index) = ((length + 1) / 2, 0);
        writer.WriteStartArray();
        foreach (var item in list.EnumerateArray())
        {
            if (omitted > 0 && index == head) writer.WriteStringValue($"… (omitted {omitted} items)…");
            if (omitted == 0 || index < head || index >= head + omitted) Write(writer, item, length);
            index++;
        }

        writer.WriteEndArray();
    }

    private static string Cut(string text, int length)
    {
        var head = (length + 1) / 2;
        var tail = text.Length - (length / 2);
        // Not within a surrogate pair, of which half is no text.
        if (head > 0 && char.IsHighSurrogate(text[head - 1])) head--;
        if (tail < text.Length && char.IsLowSurrogate(text[tail])) tail++;
        return $"{text[..head]}… (omitted {tail - head} chars)…{text[tail..]}";
    }
}
