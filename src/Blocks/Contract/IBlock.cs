using System.Text.Json;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// A block that can run. All runs share one instance, so it holds no state of a run; everything that belongs to a run is in the
/// <see cref="BlockContext"/>.
/// </summary>
public interface IBlock
{
    /// <summary>The block's pins, kind, schemas and prices.</summary>
    BlockDefinition Definition { get; }

    /// <summary>
    /// Runs the block on resolved input (defaults, conversion and dynamic pins applied) and yields its outputs in order.
    /// Call it through <see cref="BlockRunner"/>, which validates input and outputs and converts exceptions to failures.
    /// </summary>
    /// <param name="input">A JSON object.</param>
    /// <param name="context">The ids and services of the node execution.</param>
    /// <param name="cancellationToken">Cancelled when the run is stopped.</param>
    IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, CancellationToken cancellationToken);
}

/// <summary>
/// A block that computes its outputs without input and output: it occupies a thread while it runs and gets only a
/// <see cref="ComputationContext"/>, without HTTP, models, files and credentials.
/// </summary>
public interface IComputingBlock : IBlock
{
    /// <summary>
    /// Whether computing takes no longer than reading the input a few times, for every input: a copy, a comparison, a look-up. Such a block runs on the caller's
    /// thread, because a switch to another thread takes longer. It must be false for a block that evaluates its input, such as a template or a pattern.
    /// </summary>
    bool IsBrief => false;

    /// <summary>
    /// Computes the outputs, one at each step of the enumeration. Call it through <see cref="BlockRunner.Compute"/>, which validates input and
    /// outputs and converts exceptions to failures.
    /// </summary>
    /// <param name="input">The resolved input, a JSON object.</param>
    /// <param name="context">The part of its run that the block may read.</param>
    IEnumerable<BlockOutput> Compute(JsonElement input, ComputationContext context);
}

/// <summary>One value that a block emits.</summary>
/// <param name="Pin">The output pin.</param>
/// <param name="Value">The value, which may be JSON null.</param>
public readonly record struct BlockOutput(string Pin, JsonElement Value);

/// <summary>Finds the block that a node runs. Scenarios decorate it to replace blocks with scripted ones.</summary>
public interface IBlockRegistry
{
    /// <summary>The block, or null when this program has none with the id.</summary>
    /// <param name="blockId">The block's UUID in upper or lower case.</param>
    IBlock? FindBlock(string blockId);
}
