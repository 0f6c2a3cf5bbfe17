using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// A block that computes its outputs without waiting for anything: it occupies a thread while it runs and is given a
/// <see cref="ComputationContext"/> only, never HTTP, models, files or credentials.
/// </summary>
public interface IComputingBlock : IBlock
{
    /// <summary>
    /// Whether computing takes no longer than reading the input a few times, whatever stands in it: a copy, a comparison, a look-up. Such a block is computed where it
    /// is, because handing it to another thread takes longer. Never true for a block that evaluates what its input says, such as a template or a pattern.
    /// </summary>
    bool IsBrief => false;

    /// <summary>
    /// Computes the outputs, one at each step of the enumeration. Call it through <see cref="BlockRunner.Compute"/>, which checks input and
    /// outputs and turns exceptions into failures.
    /// </summary>
    /// <param name="input">The resolved input, a JSON object.</param>
    /// <param name="context">What the block may know of its run.</param>
    IEnumerable<BlockOutput> Compute(JsonElement input, ComputationContext context);
}
