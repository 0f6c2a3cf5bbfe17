namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>Checks of the ledger in the database (DESIGN section 6).</summary>
internal static class Ledger
{
    /// <summary>
    /// Asserts that each node execution that was paid has one charge, that the rows of the ledger follow from each other without a gap, and that wallets and costs of runs
    /// agree with them.
    /// </summary>
    /// <param name="place">Where the runs were; they have ended.</param>
    /// <param name="spent">What the runs must have cost, in credits.</param>
    public static async Task AssertExactAsync(Workplace place, long spent)
    {
        Assert.Equal(spent, await place.CountAsync("SELECT -sum(amount) FROM ledger WHERE type = 'USAGE'"));
        Assert.Equal(0, await place.CountAsync(
            """
            SELECT count(*) FROM node_executions n FULL JOIN (SELECT * FROM ledger WHERE type <> 'GRANT') l ON l.transaction_key = n.id::text
            WHERE (coalesce(n.price + n.fee, 0) <> -coalesce(l.amount, 0) AND (l.amount IS NOT NULL OR n.error NOT LIKE 'Insufficient balance of credits%'))
              OR l.type <> 'USAGE' OR l.shortfall <> 0
            """));
        Assert.Equal(0, await place.CountAsync(
            """
            SELECT count(*) FROM (
              SELECT running_balance - sum(amount) OVER before AS off, seq - row_number() OVER before AS gap
              FROM ledger WINDOW before AS (PARTITION BY user_id ORDER BY seq)
            ) l WHERE off <> 0 OR gap <> 0
            """));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM wallets"));
        Assert.Equal(0, await place.CountAsync(
            """
            SELECT count(*) FROM wallets w, LATERAL (SELECT sum(amount) AS sum, max(seq) AS last FROM ledger l WHERE l.user_id = w.user_id) l
            WHERE balance IS DISTINCT FROM l.sum OR last_seq IS DISTINCT FROM l.last
            """));
        Assert.Equal(0, await place.CountAsync(
            """
            SELECT count(*) FROM runs r JOIN run_head h ON h.run_id = r.id WHERE (h.stats ->> 'cost')::bigint IS DISTINCT FROM (
              SELECT coalesce(-sum(l.amount), 0) FROM ledger l JOIN node_executions n ON l.transaction_key = n.id::text WHERE n.run_id = r.id)
            """));
    }
}
