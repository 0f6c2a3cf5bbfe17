using System.Text.Json.Serialization;

namespace Grainflow.Engine.Execution;

/// <summary>The generated code that reads and writes the engine's own records. Use it through <see cref="RunJson"/>, which has the options of the stored form.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunSpec))]
[JsonSerializable(typeof(RunSnapshot))]
internal sealed partial class RunJsonContext : JsonSerializerContext;
