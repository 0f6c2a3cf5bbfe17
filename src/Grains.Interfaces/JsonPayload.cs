using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Grainflow.Grains.Interfaces;

/// <summary>JSON on its way between grains: UTF-8 text that nobody changes. It is parsed where it is used, and only there.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.JsonPayload")]
public sealed record JsonPayload
{
    /// <summary>The text <c>{}</c>.</summary>
    public static readonly JsonPayload EmptyObject = new() { Utf8 = [.. "{}"u8] };

    /// <summary>The text, one JSON value.</summary>
    [Id(0)]
    public ImmutableArray<byte> Utf8 { get; init; } = [];

    /// <summary>Bytes of text.</summary>
    public int Size => Utf8.Length;

    /// <summary>The text for reading, without a copy.</summary>
    public ReadOnlyMemory<byte> Memory => Utf8.AsMemory();

    /// <summary>Takes over a buffer; the caller must not write to it any more.</summary>
    /// <param name="utf8">One JSON value.</param>
    public static JsonPayload Take(byte[] utf8) => new() { Utf8 = ImmutableCollectionsMarshal.AsImmutableArray(utf8) };
}
