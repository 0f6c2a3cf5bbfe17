using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;

namespace Grainflow.Engine.Projection;

/// <summary>What a projection needs of a run besides its log. It never changes.</summary>
/// <param name="Graph">The graph version.</param>
/// <param name="Spec">What the run started from.</param>
/// <param name="Inputs">The inputs as the caller gave them, an object.</param>
/// <param name="CredentialInputs">The credentials that the caller gave, an object, or null.</param>
/// <param name="PresetId">The preset, or null.</param>
public sealed record ProjectedRun(GraphIndex Graph, RunSpec Spec, JsonElement Inputs, JsonElement? CredentialInputs, string? PresetId);
