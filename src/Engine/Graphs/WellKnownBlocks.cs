namespace Grainflow.Engine.Graphs;

/// <summary>Ids of blocks of the contract that code refers to.</summary>
public static class WellKnownBlocks
{
    /// <summary>Runs another graph (contract: semantics 2.15).</summary>
    public const string AgentExecutor = "e189baac-8c20-45a1-94a7-55177ea42565";
}
