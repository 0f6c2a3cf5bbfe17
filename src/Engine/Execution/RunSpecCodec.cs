using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>The stored form of a <see cref="RunSpec"/>.</summary>
public static class RunSpecCodec
{
    /// <summary>JSON in UTF-8.</summary>
    /// <param name="spec">A spec.</param>
    public static byte[] Write(RunSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, RunJson.Options);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="utf8">The stored JSON.</param>
    /// <exception cref="JsonException">It is not a spec.</exception>
    public static RunSpec Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize<RunSpec>(utf8, RunJson.Options) ?? throw new JsonException("The stored spec of the run is null.");
}
