using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>How the engine's own records are written to storage, without reflection.</summary>
internal static class RunJson
{
    private static readonly JsonSerializerOptions Stored = new(RunJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 2 * JsonValues.MaxDepth,
        TypeInfoResolver = RunJsonContext.Default.WithAddedModifier(WriteRequired),
    };

    /// <summary>The stored form of a spec.</summary>
    public static JsonTypeInfo<RunSpec> Spec { get; } = (JsonTypeInfo<RunSpec>)Stored.GetTypeInfo(typeof(RunSpec));

    /// <summary>The stored form of a snapshot.</summary>
    public static JsonTypeInfo<RunSnapshot> Snapshot { get; } = (JsonTypeInfo<RunSnapshot>)Stored.GetTypeInfo(typeof(RunSnapshot));

    // A required member that is left out because it has its default could not be read again.
    private static void WriteRequired(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.IsRequired)) property.ShouldSerialize = static (_, _) => true;
    }
}
