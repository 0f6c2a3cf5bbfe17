using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>Outputs that a block has computed.</summary>
/// <param name="Outputs">In order; may be none.</param>
/// <param name="More">False when the block has ended or failed and these are its last.</param>
internal readonly record struct ComputedBatch(List<EmittedOutput> Outputs, bool More);
