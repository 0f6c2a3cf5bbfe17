using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>The JSON options of the stored form of the Engine's records, which are read and written without reflection.</summary>
internal static class RunJson
{
    private static readonly JsonSerializerOptions Stored = new(RunJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonValues.MaxDocumentDepth,
        TypeInfoResolver = RunJsonContext.Default.WithAddedModifier(WriteRequired),
    };

    /// <summary>The stored form of a spec.</summary>
    public static JsonTypeInfo<RunSpec> Spec { get; } = (JsonTypeInfo<RunSpec>)Stored.GetTypeInfo(typeof(RunSpec));

    /// <summary>The stored form of the schedule of a spec.</summary>
    public static JsonTypeInfo<RunSchedule> Schedule { get; } = (JsonTypeInfo<RunSchedule>)Stored.GetTypeInfo(typeof(RunSchedule));

    /// <summary>The stored form of the webhook of a spec.</summary>
    public static JsonTypeInfo<RunWebhook> Webhook { get; } = (JsonTypeInfo<RunWebhook>)Stored.GetTypeInfo(typeof(RunWebhook));

    /// <summary>The stored form of warnings.</summary>
    public static JsonTypeInfo<RunWarnings> Warnings { get; } = (JsonTypeInfo<RunWarnings>)Stored.GetTypeInfo(typeof(RunWarnings));

    /// <summary>One of them.</summary>
    public static JsonTypeInfo<RunWarning> Warning { get; } = (JsonTypeInfo<RunWarning>)Stored.GetTypeInfo(typeof(RunWarning));

    /// <summary>The stored form of a snapshot.</summary>
    public static JsonTypeInfo<RunSnapshot> Snapshot { get; } = (JsonTypeInfo<RunSnapshot>)Stored.GetTypeInfo(typeof(RunSnapshot));

    // Members with their default are left out, except required ones: a record without a required member cannot be read.
    private static void WriteRequired(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.IsRequired)) property.ShouldSerialize = static (_, _) => true;
    }
}
