namespace Grainflow.Storage.Execution;

/// <summary>What storage has to know of the statuses of the contract (semantics 2.1).</summary>
internal static class RunStatus
{
    public static bool IsTerminal(string status) => status is "COMPLETED" or "FAILED" or "TERMINATED";
}
