using System.Collections.Frozen;
using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>
/// The stored form of a <see cref="RunEvent"/>: a kind and a small JSON body. Pin and value of an output stand beside the
/// body, because they are stored once, in a table that readers query.
/// </summary>
public static class RunEventCodec
{
    private static readonly (string Kind, Type Type)[] Kinds =
    [
        ("run_started", typeof(RunEvent.Started)),
        ("node_dispatched", typeof(RunEvent.NodeDispatched)),
        ("node_interrupted", typeof(RunEvent.NodeInterrupted)),
        ("node_skipped", typeof(RunEvent.NodeSkipped)),
        ("node_output", typeof(RunEvent.NodeOutput)),
        ("node_ended", typeof(RunEvent.NodeEnded)),
        ("stop_requested", typeof(RunEvent.StopRequested)),
        ("run_ended", typeof(RunEvent.Ended)),
    ];

    private static readonly FrozenDictionary<Type, string> KindOf = Kinds.ToFrozenDictionary(pair => pair.Type, pair => pair.Kind);
    private static readonly FrozenDictionary<string, Type> TypeOf = Kinds.ToFrozenDictionary(pair => pair.Kind, pair => pair.Type, StringComparer.Ordinal);

    /// <summary>The stored kind of a fact.</summary>
    /// <param name="fact">A fact.</param>
    public static string Kind(RunEvent fact) => KindOf[fact.GetType()];

    /// <summary>The stored body of a fact, JSON in UTF-8.</summary>
    /// <param name="fact">A fact.</param>
    public static byte[] Body(RunEvent fact) => JsonSerializer.SerializeToUtf8Bytes(fact, fact.GetType(), RunJson.Options);

    /// <summary>Reads a fact back.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="body">Its body.</param>
    /// <param name="output">Pin and value that stood beside the body, for an output.</param>
    /// <exception cref="JsonException">The kind is not known or the body does not fit; perhaps a newer version wrote it.</exception>
    public static RunEvent Read(string kind, ReadOnlySpan<byte> body, (string Pin, JsonElement Value)? output)
    {
        if (!TypeOf.TryGetValue(kind, out var type)) throw new JsonException($"The log holds an event of kind '{kind}', which this version does not know.");
        var fact = (RunEvent?)JsonSerializer.Deserialize(body, type, RunJson.Options) ?? throw new JsonException($"An event of kind '{kind}' has no body.");
        return fact is RunEvent.NodeOutput emitted && output is var (pin, value) ? emitted with { Pin = pin, Value = value } : fact;
    }
}
