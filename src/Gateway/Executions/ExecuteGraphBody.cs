using System.Text.Json;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Executions;

/// <summary>The body of "execute graph".</summary>
[SchemaName("Body_postV1Execute_graph_agent")]
internal sealed record ExecuteGraphBody
{
    public IReadOnlyDictionary<string, JsonElement> Inputs { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, CredentialsMetaInput> CredentialsInputs { get; init; } = new Dictionary<string, CredentialsMetaInput>(StringComparer.Ordinal);

    [OneOf("builder", "library", "onboarding")]
    public string? Source { get; init; }

    /// <summary>True for a run without effects, credentials and charges (contract: decision 36).</summary>
    public bool? DryRun { get; init; }

    /// <summary>The most credits that the run and its sub-agents may spend together; null for no budget. An addition to the contract.</summary>
    [AtLeast(0)]
    public int? MaxCost { get; init; }
}
