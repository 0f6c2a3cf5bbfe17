namespace Grainflow.Storage.Execution;

/// <summary>The statuses of <see cref="Engine.Execution.ExecutionStatuses.FinalNames"/> as SQL writes them.</summary>
internal static class FinalStatuses
{
    /// <summary>A list for <c>IN</c>. The partial index <c>runs_unfinished</c> of migration 0001 is only used by statements with exactly these statuses.</summary>
    public const string Sql = "('COMPLETED', 'FAILED', 'TERMINATED')";

    /// <summary>The condition that the run <c>r</c> does not wait for the review of a person. One whose reviews are all decided is to go on.</summary>
    public const string GoesOn = "(r.status <> 'REVIEW' OR NOT EXISTS (SELECT FROM reviews v WHERE v.run_id = r.id AND v.status = 'WAITING'))";

    /// <summary>The condition that <c>r</c> is an unfinished run, sub-agents aside, for statements that name its user and graph. The index of migration 0017 has exactly this one.</summary>
    public const string UnfinishedOfGraph = $"r.parent_run_id IS NULL AND (r.status IN {Sql}) IS FALSE";
}
