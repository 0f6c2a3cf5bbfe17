using System.Text.Json;

namespace Grainflow.Storage.Execution;

/// <summary>The values of one output of a run.</summary>
/// <param name="Name">The output's name.</param>
/// <param name="Values">Its values in order.</param>
public sealed record ExecutionOutput(string Name, IReadOnlyList<JsonElement> Values);
