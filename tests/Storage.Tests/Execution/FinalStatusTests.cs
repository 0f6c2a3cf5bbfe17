using Grainflow.Engine.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Migrations;

namespace Grainflow.Storage.Tests.Execution;

public sealed class FinalStatusTests
{
    [Fact]
    public void The_list_of_SQL_has_those_of_the_engine() =>
        Assert.Equal(
            ExecutionStatuses.FinalNames.Order(StringComparer.Ordinal),
            FinalStatuses.Sql.Trim('(', ')').Split(", ").Select(name => name.Trim('\'')).Order(StringComparer.Ordinal));

    [Fact]
    public void The_index_of_unfinished_runs_has_the_list_as_statements_write_it() =>
        Assert.Contains(
            $"ON runs (user_id, created_at) WHERE status NOT IN {FinalStatuses.Sql};",
            Migration.Embedded()[0].Sql,
            StringComparison.Ordinal);
}
