namespace Grainflow.Grains.Interfaces.Catalogue;

/// <summary>One block, by itself; the key is the block id (contract: semantics 2.16).</summary>
[Alias("grainflow.IBlockGrain")]
public interface IBlockGrain : IGrainWithStringKey
{
    /// <summary>Runs the block outside any graph: nothing is charged or reviewed, and no credentials are lent.</summary>
    /// <param name="command">The input.</param>
    [Alias("Execute"), ResponseTimeout("00:06:00")]
    Task<ExecuteBlockResult> Execute(ExecuteBlock command);
}
