using System.Collections.Immutable;
using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>The stored form of a <see cref="RunSpec"/>.</summary>
public static class RunSpecCodec
{
    /// <summary>Writes a spec as JSON in UTF-8.</summary>
    /// <param name="spec">The spec.</param>
    public static byte[] Write(RunSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, RunJson.Spec);

    /// <summary>Reads the member <c>schedule</c> of the result of <see cref="Write"/>.</summary>
    /// <param name="utf8">The stored JSON of that member.</param>
    /// <exception cref="JsonException">The text is not that of a schedule.</exception>
    public static RunSchedule ReadSchedule(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, RunJson.Schedule) ?? throw new JsonException("The stored schedule of the run is null.");

    /// <summary>Reads the member <c>webhook</c> of the result of <see cref="Write"/>.</summary>
    /// <param name="utf8">The stored JSON of that member.</param>
    /// <exception cref="JsonException">The text is not that of a webhook.</exception>
    public static RunWebhook ReadWebhook(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, RunJson.Webhook) ?? throw new JsonException("The stored webhook of the run is null.");

    /// <summary>Reads the result of <see cref="Write"/>.</summary>
    /// <param name="utf8">The stored JSON.</param>
    /// <exception cref="JsonException">The text is not a spec.</exception>
    public static RunSpec Read(ReadOnlySpan<byte> utf8)
    {
        var spec = JsonSerializer.Deserialize(utf8, RunJson.Spec) ?? throw new JsonException("The stored spec of the run is null.");
        // The generated serializer sets missing members to null and not to the defaults of their declarations.
        return spec with
        {
            Masks = spec.Masks ?? ImmutableDictionary<string, PinValues>.Empty,
            NodesToSkip = spec.NodesToSkip ?? [],
            UserTimeZone = spec.UserTimeZone ?? "UTC",
            Inputs = spec.Inputs ?? ImmutableDictionary<string, JsonElement>.Empty,
        };
    }
}
