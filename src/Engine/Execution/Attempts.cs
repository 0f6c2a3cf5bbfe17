using System.Runtime.InteropServices;

namespace Grainflow.Engine.Execution;

/// <summary>One attempt at a node execution.</summary>
/// <param name="NodeExecutionId">The node execution.</param>
/// <param name="Number">The number of the attempt, from 1.</param>
/// <param name="Epoch">
/// The epoch of the session that dispatched it (<see cref="RunOwner.Epoch"/>). It distinguishes the attempt from one with the same number whose dispatch never became durable.
/// </param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AttemptId(Guid NodeExecutionId, int Number, long Epoch);

/// <summary>One start of an attempt. An attempt is started a second time when nobody knows whether the first message arrived; only one of its starts may begin.</summary>
/// <param name="Host">The identity of the silo.</param>
/// <param name="Number">The number among the starts of that silo.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AttemptStart(string Host, long Number);

/// <summary>What a search for the attempts in flight has found. What is in neither set is under way, or nothing is known of it.</summary>
/// <param name="GoneSilos">The identities of silos that are dead.</param>
/// <param name="Missing">The attempts that were asked for and that nobody has.</param>
public sealed record LostAttempts(IReadOnlySet<string> GoneSilos, IReadOnlySet<AttemptId> Missing)
{
    private static readonly IReadOnlySet<string> NoSilos = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Only attempts are known to be lost.</summary>
    /// <param name="missing">Those that nobody has.</param>
    public LostAttempts(IReadOnlySet<AttemptId> missing)
        : this(NoSilos, missing)
    {
    }

    /// <summary>Whether the current attempt at a node execution is lost.</summary>
    /// <param name="execution">A node execution in flight.</param>
    public bool Contains(NodeExecution execution) => GoneSilos.Contains(execution.Host!) || Missing.Contains(execution.CurrentAttempt);
}

/// <summary>What is to be done with the node executions in flight (<see cref="GraphRun.Overdue"/>). Each is in one of the lists, in the order of creation.</summary>
/// <param name="UnderWay">Nothing is known against these: ask for them where they run, and cancel them if the run is stopping.</param>
/// <param name="DispatchAgain">Lost; the next attempt follows.</param>
/// <param name="End">Lost, and no attempt follows. The caller looks up in the ledger what was charged for them, because nobody is left to report it.</param>
public sealed record OverdueAttempts(IReadOnlyList<NodeExecution> UnderWay, IReadOnlyList<NodeExecution> DispatchAgain, IReadOnlyList<NodeExecution> End);
