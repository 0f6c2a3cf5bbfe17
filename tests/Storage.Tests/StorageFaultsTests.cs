using Npgsql;

namespace Grainflow.Storage.Tests;

public sealed class StorageFaultsTests
{
    [Theory]
    [InlineData("57P01", true)]
    [InlineData("57P02", true)]
    [InlineData("57P03", true)]
    [InlineData("08006", true)]
    [InlineData("53300", true)]
    [InlineData("57014", false)]
    [InlineData("23505", false)]
    [InlineData("22021", false)]
    [InlineData("40P01", false)]
    public void The_database_is_away_when_it_ends_sessions_or_takes_none(string state, bool away)
    {
        var error = new PostgresException("text", "ERROR", "ERROR", state);

        Assert.Equal(away, StorageFaults.IsAway(error));
        Assert.Equal(away, StorageFaults.IsAway(error.GetType().FullName!, error.Message));
    }

    [Fact]
    public void The_database_is_away_when_the_driver_has_no_connection()
    {
        Assert.True(StorageFaults.IsAway(new NpgsqlException("Exception while writing to stream", new IOException())));
        Assert.False(StorageFaults.IsAway(new InvalidOperationException("08")));
    }
}
