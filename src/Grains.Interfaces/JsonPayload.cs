using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Grainflow.Grains.Interfaces;

/// <summary>A JSON value in a grain message, as immutable UTF-8 text. The message is copied without parsing it; the receiver parses it.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.JsonPayload")]
public sealed record JsonPayload
{
    /// <summary>The text <c>{}</c>.</summary>
    public static readonly JsonPayload EmptyObject = new() { Utf8 = [.. "{}"u8] };

    /// <summary>The text, one JSON value.</summary>
    [Id(0)]
    public ImmutableArray<byte> Utf8 { get; init; } = [];

    /// <summary>The size in bytes.</summary>
    public int Size => Utf8.Length;

    /// <summary>The text, without a copy.</summary>
    public ReadOnlyMemory<byte> Memory => Utf8.AsMemory();

    /// <summary>Creates a payload on the buffer itself, without a copy. The caller must not write to the buffer any more.</summary>
    /// <param name="utf8">One JSON value.</param>
    public static JsonPayload Wrap(byte[] utf8) => new() { Utf8 = ImmutableCollectionsMarshal.AsImmutableArray(utf8) };
}
