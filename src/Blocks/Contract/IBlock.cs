using System.Text.Json;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// A block that can run. Instances are shared by all runs and keep no state of one; everything of a run comes in
/// <see cref="BlockContext"/>.
/// </summary>
public interface IBlock
{
    /// <summary>The block's pins, kind, schemas and prices.</summary>
    BlockDefinition Definition { get; }

    /// <summary>
    /// Runs the block on resolved input (defaults, conversion and dynamic pins applied) and yields its outputs in order.
    /// Call it through <see cref="BlockRunner"/>, which checks input and outputs and turns exceptions into failures.
    /// </summary>
    /// <param name="input">A JSON object.</param>
    /// <param name="context">What belongs to this run: ids, clock, credentials, outgoing HTTP.</param>
    /// <param name="cancellationToken">Cancelled when the run is stopped.</param>
    IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, CancellationToken cancellationToken);
}
