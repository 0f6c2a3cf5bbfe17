using System.Net.Sockets;
using System.Text;
using Grainflow.Storage.Execution;
using Npgsql;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>What an exception of a write is taken for: only bad data is rejected, everything else is tried again.</summary>
public sealed class WriteFaultTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    [Theory]
    [InlineData("21000")]
    [InlineData("22P05")]
    [InlineData("22001")]
    [InlineData("23505")]
    [InlineData("23514")]
    [InlineData("54000")]
    [InlineData("54001")]
    public void Errors_of_the_data_are_bad_data(string state) => Assert.Equal(LogFault.Data, LogFaults.Classify(Refused(state)));

    [Theory]
    [InlineData("0A000")] // cached plan must not change result type
    [InlineData("25006")] // the server became a standby
    [InlineData("26000")] // a prepared statement is gone
    [InlineData("28P01")] // the password was rotated
    [InlineData("28000")]
    [InlineData("3D000")] // no such database
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("42501")] // no privilege
    [InlineData("42P01")] // no such table, while another program migrates
    [InlineData("42703")]
    [InlineData("53200")]
    [InlineData("53300")]
    [InlineData("55006")]
    [InlineData("55P03")]
    [InlineData("57014")]
    public void Errors_of_the_statement_or_the_server_leave_the_data_unwritten(string state) => Assert.Equal(LogFault.NotWritten, LogFaults.Classify(Refused(state)));

    [Theory]
    [InlineData("08006")]
    [InlineData("40003")]
    [InlineData("57P01")]
    [InlineData("58030")]
    [InlineData("F0000")]
    [InlineData("XX000")]
    [InlineData("XX001")]
    [InlineData("XX002")]
    public void Errors_in_the_midst_of_a_commit_leave_it_open(string state) => Assert.Equal(LogFault.Unknown, LogFaults.Classify(Refused(state)));

    [Fact]
    public void What_the_driver_cannot_encode_is_bad_data() => Assert.All(
        new Exception[] { new EncoderFallbackException(), new ArgumentException("no offset"), new InvalidCastException(), new OverflowException() },
        error => Assert.Equal(LogFault.Data, LogFaults.Classify(error)));

    [Fact]
    public void Every_other_exception_leaves_it_open() => Assert.All(
        new Exception[]
        {
            new NpgsqlException("reset"), new IOException(), new SocketException(), new TimeoutException(), new ObjectDisposedException("pool"),
            new OutOfMemoryException(), new InvalidOperationException(), new OperationCanceledException(), new NullReferenceException(),
        },
        error => Assert.Equal(LogFault.Unknown, LogFaults.Classify(error)));

    [Theory]
    [InlineData("42P01")]
    [InlineData("28P01")]
    [InlineData("XX000")]
    public async Task Commits_wait_for_a_database_that_refuses_for_another_reason_than_the_data(string state)
    {
        ScriptedTransport? transport = null;
        await using var harness = new LogHarness(fixture, inner => transport = new ScriptedTransport(inner));
        var run = await harness.RunAsync();
        transport!.Fail(Refused(state));

        var append = run.AppendAsync();
        await harness.Clock.WaitForTimerAsync(LogHarness.Token);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(CommitOutcome.Committed, (await append).Outcome);
        Assert.Equal([1, 1], transport.Batches.Select(batch => batch.Commits.Count));
    }

    [Fact]
    public async Task A_disposed_pool_does_not_reject_what_waits()
    {
        ScriptedTransport? transport = null;
        await using var harness = new LogHarness(fixture, inner => transport = new ScriptedTransport(inner));
        var run = await harness.RunAsync();
        transport!.Fail(new ObjectDisposedException("NpgsqlDataSource"));

        var append = run.AppendAsync();
        await harness.Clock.WaitForTimerAsync(LogHarness.Token);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(CommitOutcome.Committed, (await append).Outcome);
    }

    [Fact]
    public async Task An_error_after_the_write_does_not_reject_what_is_written()
    {
        ScriptedTransport? transport = null;
        await using var harness = new LogHarness(fixture, inner => transport = new ScriptedTransport(inner));
        var run = await harness.RunAsync();
        transport!.Answer(result => result with { Counts = null! });

        var append = run.AppendAsync(run.Dispatch(2));
        await harness.Clock.WaitForTimerAsync(LogHarness.Token);
        harness.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(CommitOutcome.Committed, (await append).Outcome);
        Assert.Single(transport.Batches);
        Assert.Equal(2, await fixture.Source.ScalarAsync("SELECT sum(count)::bigint FROM dispatch_counts WHERE user_id = $1", run.User));
    }

    private static PostgresException Refused(string state) => new("refused", "ERROR", "ERROR", state);
}
