using System.Diagnostics.Metrics;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Storage.Tests.Telemetry;

public sealed class StatementLabelTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Theory]
    [InlineData("SELECT id FROM runs WHERE id = $1", "select", "runs")]
    [InlineData("SELECT (SELECT max(a) FROM x) FROM runs", "select", "runs")]
    [InlineData("SELECT w.a FROM unnest($1) AS w (a) CROSS JOIN LATERAL (SELECT seq FROM execution_events WHERE run_id = w.a) e", "select", "execution_events")]
    [InlineData("SELECT a FROM wallets WHERE user_id = $1 FOR UPDATE", "select", "wallets")]
    [InlineData("SELECT 1", "select", "none")]
    [InlineData("INSERT INTO users (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = 1", "insert", "users")]
    [InlineData("UPDATE runs SET deleted = true", "update", "runs")]
    [InlineData("DELETE FROM graphs WHERE id = $1", "delete", "graphs")]
    [InlineData("WITH w AS (UPDATE wallets SET a = 1) INSERT INTO ledger (a) SELECT 1", "insert", "ledger")]
    [InlineData("WITH run AS (INSERT INTO runs (id) VALUES ($1)), h AS (INSERT INTO run_head (id) SELECT id FROM run) SELECT id FROM run", "insert", "runs")]
    [InlineData("WITH l AS (SELECT 1 FROM h FOR UPDATE OF h), w AS (UPDATE run_head h SET a = 1) SELECT 1 FROM w", "update", "run_head")]
    [InlineData("WITH a AS (UPDATE run_head SET b = 1), e AS (INSERT INTO execution_events (a) SELECT 1) SELECT 1 FROM a", "commit", "execution_log")]
    [InlineData("SELECT 'INSERT INTO nothing (' FROM users", "select", "users")]
    [InlineData("SET x = 1", "set", "none")]
    [InlineData("", "none", "none")]
    [InlineData("INSERT", "insert", "none")]
    public void Follow_from_their_text(string sql, string operation, string table) =>
        Assert.Equal(new QueryLabels(operation, table), QueryLabels.Of(sql));

    [Fact]
    public async Task Stand_at_every_statement_of_the_stores()
    {
        var seen = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is { Name: "autogpt_database_query_duration_seconds", Meter.Name: "Grainflow" }) self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, labels, _) =>
        {
            if (labels is [{ Key: "operation", Value: "select" }, { Key: "table", Value: "a_table_of_this_test" }]) seen.TrySetResult(seconds);
        });
        listener.Start();

        // What fails takes time too.
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => fixture.Source.ListAsync("SELECT 1 FROM a_table_of_this_test", [], row => row.GetInt32(0), TestContext.Current.CancellationToken));

        Assert.InRange(await seen.Task, 0, 60);
    }
}
