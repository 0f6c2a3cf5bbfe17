using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>Validates the request for a run and computes the inputs of its starting nodes (contract: semantics 2.2, 2.3).</summary>
public static class RunPlanner
{
    private static readonly ImmutableDictionary<string, IReadOnlyDictionary<string, JsonElement>> NoMasks =
        ImmutableDictionary<string, IReadOnlyDictionary<string, JsonElement>>.Empty;

    /// <summary>Plans a run.</summary>
    /// <param name="graph">The graph version to run.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="GraphValidationException">The graph cannot run with this request. The problems name nodes and pins.</exception>
    public static RunSpec Plan(GraphIndex graph, RunRequest request)
    {
        if (request.IsDryRun)
        {
            graph = DryRun.Of(graph);
            request = request with { Masks = DryRun.Fill(graph, request.Masks, request.Inputs) };
        }

        var depth = request.Parent is { } parent ? parent.Depth + 1 : 0;
        if (depth > GraphLimits.Depth)
            throw new GraphValidationException([new GraphProblem($"Agents may run agents {GraphLimits.Depth} deep; this would be {depth}.")]);

        var masks = NoMasks.AddRange(request.Masks.Select(pair =>
            KeyValuePair.Create(pair.Key, (IReadOnlyDictionary<string, JsonElement>)pair.Value)));
        var problems = GraphValidator.CheckNodes(graph, forRun: true, masks).ToList();
        problems.AddRange(request.SubAgents.SelectMany(below => GraphPlaceholders.Problems(below, subAgent: true)));
        problems.AddRange(CheckDepth(request));
        var skip = CheckCredentials(graph, request, problems);
        if (problems.Count > 0) throw new GraphValidationException(problems);

        var starts = graph.StartingNodes.Select(node => Start(graph, node, request, problems)).OfType<StartNode>().ToImmutableArray();
        if (problems.Count > 0) throw new GraphValidationException(problems);
        if (starts.IsEmpty)
            throw new GraphValidationException([new GraphProblem("The graph has no node to start with: every node waits for another one. Add an input node, or remove a link.")]);

        return new RunSpec
        {
            RunId = request.RunId,
            UserId = request.UserId,
            GraphId = graph.Graph.Id,
            GraphVersion = graph.Graph.Version,
            CreatedAt = request.At,
            Starts = starts,
            Masks = request.Masks,
            NodesToSkip = skip,
            Inputs = request.Inputs,
            UserTimeZone = request.UserTimeZone,
            MaxCost = request.MaxCost,
            IsDryRun = request.IsDryRun,
            SkipsReviews = request.SkipsReviews,
            ReviewsSensitiveActions = request.ReviewsSensitiveActions,
            Depth = depth,
            RootRunId = request.Parent?.RootRunId ?? request.RunId,
            ParentRunId = request.Parent?.RunId,
            ParentNodeExecutionId = request.Parent?.NodeExecutionId,
        };
    }

    private static IEnumerable<GraphProblem> CheckDepth(RunRequest request)
    {
        foreach (var (name, value) in request.Inputs)
            if (JsonValues.DepthProblem(value, name) is { } problem) yield return new GraphProblem($"Input {problem}.");
        foreach (var (nodeId, mask) in request.Masks)
            foreach (var (pin, value) in mask)
                if (JsonValues.DepthProblem(value, pin) is { } problem) yield return new GraphProblem($"Node {nodeId}: {problem}.", null, nodeId, pin);
    }

    private static StartNode? Start(GraphIndex graph, GraphNode node, RunRequest request, List<GraphProblem> problems)
    {
        var arrived = new PinValues(StringComparer.Ordinal);
        if (graph.FindBlock(node.Id)?.Kind == BlockKind.Input && node.PinName is { } name && request.Inputs.TryGetValue(name, out var given))
            arrived["value"] = given;
        if (request.Masks.TryGetValue(node.Id, out var mask))
            foreach (var (pin, value) in mask) arrived[pin] = value;

        if (NodeInput.TryPrepare(graph, node, arrived, resolve: true, out var input, out var error)) return new StartNode(node.Id, input);
        var field = node.PinName is { } input1 ? $"Input '{input1}'" : $"Node {node.Id}";
        problems.Add(new GraphProblem($"{field}: {error}", null, node.Id));
        return null;
    }

    /// <summary>Checks that required credentials are given and accepted. Returns the nodes to skip because their optional credentials are missing.</summary>
    private static ImmutableHashSet<string> CheckCredentials(GraphIndex graph, RunRequest request, List<GraphProblem> problems)
    {
        var skip = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var node in graph.Graph.Nodes)
        {
            foreach (var (pin, given) in CredentialRules.Given(graph, node, request.Masks))
            {
                if (given.IsNull())
                {
                    if (node.CredentialsOptional) skip.Add(node.Id);
                    else if (pin.Required) problems.Add(Problem(graph, node, pin, "needs credentials of " + string.Join(" or ", CredentialRules.Providers(pin.Credentials!, node))));
                }
                else if ((CredentialRules.Misfit(given, pin.Credentials!, node) ?? (request.Credentials is { } known ? CredentialRules.Missing(given, known) : null)) is { } problem)
                {
                    problems.Add(Problem(graph, node, pin, problem));
                }
            }
        }

        return skip.ToImmutable();
    }

    private static GraphProblem Problem(GraphIndex graph, GraphNode node, PinDefinition pin, string what) =>
        new($"Node {node.Id} ({graph.FindBlock(node.Id)!.Name}): '{pin.Name}' {what}", null, node.Id, pin.Name);
}
