using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;

namespace Grainflow.Gateway.WebSockets;

/// <summary>What of a run never changes and its events show.</summary>
/// <param name="Graph">The graph version.</param>
/// <param name="Spec">What the run started from.</param>
/// <param name="Inputs">The inputs, an object.</param>
/// <param name="CredentialInputs">The credentials that the caller gave, an object, or null.</param>
/// <param name="PresetId">The preset, or null.</param>
internal sealed record WatchedRun(GraphIndex Graph, RunSpec Spec, JsonElement Inputs, JsonElement? CredentialInputs, string? PresetId);
