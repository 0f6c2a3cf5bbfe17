namespace Grainflow.Storage.Tests;

public sealed class RowStatementTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly RowColumns<(Guid Id, string? Name, long? Count)> Columns = new RowColumns<(Guid Id, string? Name, long? Count)>()
        .Uuid("id", row => row.Id)
        .Text("name", row => row.Name)
        .Bigint("count", row => row.Count);

    [Fact]
    public void Names_become_parameters_in_the_order_of_their_declaration()
    {
        var statement = new RowStatement<int>()
            .Value("more", count => count)
            .Rows("rows", Columns, _ => [])
            .Rows("again", Columns.Numbered(), _ => [])
            .Text("SELECT @more FROM @rows, @again WHERE @more > 0");

        Assert.Equal(
            "SELECT $1 FROM unnest($2, $3, $4) AS rows (id, name, count), unnest($5, $6, $7) WITH ORDINALITY AS again (id, name, count, place) WHERE $1 > 0",
            statement.Sql);
        Assert.Equal(7, statement.Parameters(1).Length);
    }

    [Fact]
    public async Task Rows_arrive_as_they_were_given_with_nulls_and_in_their_order()
    {
        (Guid, string?, long?)[] rows = [(fixture.NextId(), null, 1), (fixture.NextId(), "b", null), (fixture.NextId(), "", -3)];
        var statement = new RowStatement<IReadOnlyList<(Guid Id, string? Name, long? Count)>>()
            .Rows("rows", Columns.Numbered(), given => given)
            .Value("factor", _ => 2L)
            .Text("SELECT rows.id, rows.name, rows.count * @factor FROM @rows ORDER BY rows.place DESC");

        var read = await fixture.Source.ListAsync(
            statement.Sql,
            statement.Parameters(rows),
            row => (row.GetGuid(0), row.GetStringOrNull(1), row.IsDBNull(2) ? (long?)null : row.GetInt64(2) / 2),
            TestContext.Current.CancellationToken);

        Assert.Equal(rows.Reverse(), read);
    }

    [Fact]
    public void A_name_that_is_not_declared_is_refused() =>
        Assert.Contains("@rosw", Assert.Throws<ArgumentException>(() => new RowStatement<int>().Text("SELECT 1 FROM @rosw")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_declaration_that_is_not_named_is_refused() =>
        Assert.Contains("@more", Assert.Throws<ArgumentException>(() => new RowStatement<int>().Value("more", _ => 1).Text("SELECT 1")).Message, StringComparison.Ordinal);
}
