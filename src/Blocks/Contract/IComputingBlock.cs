using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// A block that computes its outputs without waiting for anything: it occupies a thread while it runs and is given a
/// <see cref="ComputationContext"/> only, never HTTP, models, files or credentials.
/// </summary>
public interface IComputingBlock : IBlock
{
    /// <summary>
    /// Computes the outputs, one at each step of the enumeration. Call it through <see cref="BlockRunner.Compute"/>, which checks input and
    /// outputs and turns exceptions into failures.
    /// </summary>
    /// <param name="input">The resolved input, a JSON object.</param>
    /// <param name="context">What the block may know of its run.</param>
    IEnumerable<BlockOutput> Compute(JsonElement input, ComputationContext context);
}
