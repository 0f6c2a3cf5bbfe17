using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Grainflow.Engine.Values;

/// <summary>Strips what PostgreSQL cannot hold, on the escaped JSON text: decoding half a surrogate pair would throw.</summary>
internal static class JsonCleaning
{
    private static readonly SearchValues<byte> Suspicious = SearchValues.Create([(byte)'\\', 0x7F]);

    public static JsonElement Clean(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined) return value;
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (raw.IndexOfAny(Suspicious) < 0) return value;
        var cleaned = Filter(raw, Keeps);
        return cleaned.Length == raw.Length ? value : JsonValues.ParseUtf8(cleaned);
    }

    /// <summary>JSON text without half surrogate pairs; text that holds none comes back as it is.</summary>
    public static ReadOnlySpan<byte> DropHalfPairs(ReadOnlySpan<byte> json) =>
        json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0 ? json : Filter(json, static piece => piece.Length != 6 || !char.IsSurrogate((char)Code(piece)));

    /// <summary>Text without half surrogate pairs; text that holds none comes back as it is.</summary>
    public static string DropHalfPairs(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        var whole = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var c = PythonCharacters.At(text, i, out var length);
            if (c > char.MaxValue || !char.IsSurrogate((char)c)) whole.Append(text, i, length);
            i += length;
        }

        return whole.Length == text.Length ? text : whole.ToString();
    }

    public static string CleanText(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001F') && !text.AsSpan().ContainsAnyInRange('\u007F', '\u007F') && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return text;
        var cleaned = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i) && i + 1 < text.Length) cleaned.Append(text[i]).Append(text[++i]);
            else if (!IsStripped(text[i])) cleaned.Append(text[i]);
        }

        return cleaned.ToString();
    }

    private delegate bool Keep(ReadOnlySpan<byte> piece);

    // A piece is one byte, an escape, or a pair of surrogate escapes.
    private static ReadOnlySpan<byte> Filter(ReadOnlySpan<byte> raw, Keep keeps)
    {
        var kept = new ArrayBufferWriter<byte>(raw.Length);
        for (var i = 0; i < raw.Length;)
        {
            var piece = raw.Slice(i, PieceLength(raw[i..]));
            if (keeps(piece)) kept.Write(piece);
            i += piece.Length;
        }

        return kept.WrittenSpan;
    }

    private static int PieceLength(ReadOnlySpan<byte> raw)
    {
        if (raw[0] != '\\' || raw.Length < 2) return 1;
        if (raw[1] != 'u' || raw.Length < 6) return 2;
        var isPair = char.IsHighSurrogate((char)Code(raw)) && raw.Length >= 12 && raw[6] == '\\' && raw[7] == 'u' && char.IsLowSurrogate((char)Code(raw[6..]));
        return isPair ? 12 : 6;
    }

    private static bool Keeps(ReadOnlySpan<byte> piece) => piece.Length switch
    {
        1 => piece[0] != 0x7F,
        2 => piece[1] is not ((byte)'b' or (byte)'f'),
        6 => !IsStripped((char)Code(piece)),
        _ => true,
    };

    private static int Code(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape.Slice(2, 4), out ushort code, out var length, 'x') && length == 4 ? code : throw new JsonException($"Not an escape: {Encoding.UTF8.GetString(escape[..6])}");

    private static bool IsStripped(char c) => char.IsSurrogate(c) || c == '\u007F' || (c < ' ' && c is not ('\t' or '\n' or '\r'));
}
