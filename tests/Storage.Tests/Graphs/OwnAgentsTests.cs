using System.Text;
using Grainflow.Storage.Graphs;

namespace Grainflow.Storage.Tests.Graphs;

public sealed class OwnAgentsTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly GraphStore _graphs = new(fixture.Source);
    private readonly OwnAgents _agents = new(fixture.Source);
    private readonly string _user = fixture.NextUser();
    private int _stored;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_has_the_newest_first_and_the_number_of_all()
    {
        await StoreAsync("First", "");
        await StoreAsync("Second", "");
        await StoreAsync("Third", "");

        Assert.Equal("3: Third, Second", await PageAsync("", 0, 2));
        Assert.Equal("3: First", await PageAsync("", 2, 2));
        Assert.Equal("3: ", await PageAsync("", 4, 2));
    }

    [Fact]
    public async Task A_page_is_searched_in_names_and_descriptions_in_any_case_and_without_patterns()
    {
        await StoreAsync("Mail digest", "");
        await StoreAsync("Other", "Reads MAIL every day");
        await StoreAsync("100% sure", "");

        Assert.Equal("2: Other, Mail digest", await PageAsync("mail", 0, 10));
        Assert.Equal("1: 100% sure", await PageAsync("%", 0, 10));
    }

    [Fact]
    public async Task A_page_has_nothing_of_other_users_and_of_versions_that_are_not_active()
    {
        var row = await StoreAsync("Old name", "");
        await _graphs.InsertAsync([row with { Version = 2, Name = "New name" }], Token);
        await _graphs.InsertAsync([row with { Id = fixture.NextId(), UserId = "somebody else" }], Token);

        Assert.Equal("1: New name", await PageAsync("name", 0, 10));
    }

    [Fact]
    public async Task A_head_has_all_of_a_document_but_its_nodes_and_links()
    {
        var row = await StoreAsync("Old", "");
        await _graphs.InsertAsync([row with { Version = 2, Document = Text.Json("""{"name": "New", "nodes": [{"id": "n"}], "instructions": null, "links": []}""") }], Token);
        await StoreAsync("Newest", "");
        await _graphs.InsertAsync([row with { Id = fixture.NextId(), UserId = "somebody else" }], Token);

        var heads = await _agents.HeadsAsync(_user, 10, Token);

        Assert.Equal([1, 2], heads.Select(head => head.Key.Version));
        Assert.Equal(["{}", """{ "name" : "New", "instructions" : null }"""], heads.Select(head => Encoding.UTF8.GetString(head.Document.Span)));
        Assert.Equal(Start.AddMinutes(1), heads[0].CreatedAt);
        Assert.Single(await _agents.HeadsAsync(_user, 1, Token));
    }

    private async Task<string> PageAsync(string search, long skipped, int limit)
    {
        var (agents, total) = await _agents.PageAsync(_user, search, skipped, limit, Token);
        return $"{total}: {string.Join(", ", agents.Select(agent => agent.Name))}";
    }

    private async Task<GraphRow> StoreAsync(string name, string description)
    {
        var row = new GraphRow
        {
            Id = fixture.NextId(),
            Version = 1,
            UserId = _user,
            Name = name,
            Description = description,
            IsActive = true,
            Document = Text.Json("{}"),
            CreatedAt = Start.AddMinutes(_stored++),
        };
        await _graphs.InsertAsync([row], Token);
        return row;
    }
}
