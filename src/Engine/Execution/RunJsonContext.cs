using System.Text.Json.Serialization;

namespace Grainflow.Engine.Execution;

/// <summary>The generated serializers of the Engine's records. Other code uses <see cref="RunJson"/>, which has the options of the stored form.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunSpec))]
[JsonSerializable(typeof(RunWebhook))]
[JsonSerializable(typeof(RunSnapshot))]
[JsonSerializable(typeof(RunWarnings))]
[JsonSerializable(typeof(RunWarning))]
internal sealed partial class RunJsonContext : JsonSerializerContext;
