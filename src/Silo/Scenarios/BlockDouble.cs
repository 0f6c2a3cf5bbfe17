using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Silo.Scenarios;

/// <summary>Replaces a block for the nodes that a case names: emits the outputs of the case. Other nodes run the block itself, if it is built.</summary>
internal sealed class BlockDouble : IBlock
{
    private readonly IBlock? _built;
    private readonly List<ExternalCall> _left;
    private readonly HashSet<string> _nodes;

    /// <summary>Creates the double of a block.</summary>
    /// <param name="blockId">The id of the block.</param>
    /// <param name="built">The block itself, or null when it is not built.</param>
    /// <param name="calls">The outputs of the case, in the order in which they are emitted.</param>
    public BlockDouble(string blockId, IBlock? built, IEnumerable<ExternalCall> calls)
    {
        _built = built;
        _left = [.. calls];
        _nodes = _left.Select(call => call.NodeId!).ToHashSet(StringComparer.Ordinal);
        Definition = built?.Definition is { } definition
            // A case has no credentials; those of the platform are given to its nodes for the prices.
            ? definition with { AcceptsAnyPin = true, Inputs = [.. definition.Inputs.Select(pin => pin.Credentials is null ? pin : pin with { Required = false })] }
            : new BlockDefinition
            {
                Id = blockId,
                Name = "ScenarioDouble",
                AcceptsAnyPin = true,
                InputSchema = JsonValues.EmptyObject,
                OutputSchema = JsonValues.EmptyObject,
            };
    }

    /// <inheritdoc/>
    public BlockDefinition Definition { get; }

    /// <summary>The node ids of the agent's file by those of the run.</summary>
    public IReadOnlyDictionary<string, string> Originals { private get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var node = Originals.GetValueOrDefault(context.NodeId, context.NodeId);
        if (!_nodes.Contains(node) && _built is not null)
        {
            await foreach (var output in _built.RunAsync(input, context, cancellationToken)) yield return output;
            yield break;
        }

        foreach (var output in NextCall(node, input).Outputs!.Value) yield return output;
    }

    /// <summary>Removes and returns the first call that is left for a node and whose input fits.</summary>
    private ExternalCall NextCall(string node, JsonElement input)
    {
        lock (_left)
        {
            var call = _left.Find(call => call.NodeId == node && Fits(call.Input, input))
                ?? throw new BlockException($"The scenario has no call left for node {node} with input {JsonValues.Compact(input)}");
            _left.Remove(call);
            return call;
        }
    }

    private static bool Fits(JsonElement wanted, JsonElement input) =>
        wanted.EnumerateObject().All(member => input.Member(member.Name) is { } given && ValueEquality.AreEqual(member.Value, given));
}
