using System.Text;

namespace Grainflow.Storage.Tests;

/// <summary>JSON between text and bytes.</summary>
internal static class Text
{
    public static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    public static string Of(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    public static string? Of(ReadOnlyMemory<byte>? json) => json is { } value ? Of(value) : null;
}
