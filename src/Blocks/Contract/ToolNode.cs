using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>A node that a language model may call as a tool: one to which a link leads from the pin <c>tools</c> (contract: block-tiers, Smart Decision Maker).</summary>
public sealed record ToolNode
{
    /// <summary>The id of the node.</summary>
    public required string NodeId { get; init; }

    /// <summary>Its block.</summary>
    public required BlockDefinition Block { get; init; }

    /// <summary>The title that the author gave the node, or null.</summary>
    public string? Title { get; init; }

    /// <summary>The constants of the node, with the values of the run in their place; a JSON object.</summary>
    public required JsonElement Constants { get; init; }

    /// <summary>The input pins that the model gives, each once, in the order of the links; their names may be dynamic.</summary>
    public required ImmutableArray<string> Pins { get; init; }

    /// <summary>The name of the graph that an Agent node runs; null for other nodes.</summary>
    public string? AgentName { get; init; }

    /// <summary>The description of that graph, or null.</summary>
    public string? AgentDescription { get; init; }

    /// <summary>True when a person has to approve each call first.</summary>
    public bool AsksForReview { get; init; }
}

/// <summary>Runs tools in the place of the node that calls them.</summary>
public interface IToolRuns
{
    /// <summary>Runs a tool to its end. All attempts of the node that calls it run the same tool execution: it is charged once.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Values by pin.</param>
    /// <param name="call">The number of the call among those of the node execution, from 1.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="BlockException">It cannot be paid; the node that calls it must end.</exception>
    Task<ToolResult> RunAsync(ToolNode tool, IReadOnlyDictionary<string, JsonElement> arguments, int call, CancellationToken cancellationToken);
}

/// <summary>What a tool gave.</summary>
public sealed record ToolResult
{
    /// <summary>The outputs in order.</summary>
    public ImmutableArray<BlockOutput> Outputs { get; init; } = [];

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Error { get; init; }

    /// <summary>True when it waits for the decision of a person. It has not run then.</summary>
    public bool Waits { get; init; }

    /// <summary>The credits that it cost, with those of a sub-agent.</summary>
    public long Cost { get; init; }

    /// <summary>The number of node executions that it was, with those of a sub-agent.</summary>
    public int Steps { get; init; }

    /// <summary>Calls to language models that it made.</summary>
    public int LlmCalls { get; init; }

    /// <summary>Those of them that repeat an earlier one.</summary>
    public int LlmRetries { get; init; }

    /// <summary>Tokens that it sent.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens that it received.</summary>
    public long OutputTokens { get; init; }
}

/// <summary>
/// The steps that a node execution has done so far, kept beside it (ADR 0035). An attempt that is repeated after a crash finds what the attempts before it did, and does
/// not do it again.
/// </summary>
public interface IStepJournal
{
    /// <summary>Does a step that no attempt has finished yet, and records what it gave before it returns; a step that is recorded is not done again.</summary>
    /// <param name="step">The number of the step in the node execution, from 1. The same step has the same number in each attempt.</param>
    /// <param name="kind">What the step does, for example <c>tool</c>. An attempt that comes to another kind of step fails.</param>
    /// <param name="work">Does the step. Null when it is not finished, which is not recorded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the step gave; null when it is not finished.</returns>
    Task<JsonElement?> OnceAsync(int step, string kind, Func<Task<JsonElement?>> work, CancellationToken cancellationToken);
}
