using System.Text.Json.Serialization;
using Grainflow.Engine.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>The generated code that writes the statistics of rows, with the API's names.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RunStats))]
[JsonSerializable(typeof(NodeStats))]
internal sealed partial class RunRowsContext : JsonSerializerContext;
