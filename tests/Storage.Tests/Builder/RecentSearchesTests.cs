using Grainflow.Storage.Builder;

namespace Grainflow.Storage.Tests.Builder;

public sealed class RecentSearchesTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly RecentSearches _searches = new(fixture.Source);
    private readonly string _user = fixture.NextUser();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_search_comes_first_with_all_that_it_had()
    {
        await SaveAsync(new RecentSearch("1", "mail", null, null), 0);
        await SaveAsync(new RecentSearch("2", "mail", ["blocks"], ["ada", "bob"]), 1);

        var found = await _searches.OfUserAsync(_user, 10, Token);

        Assert.Equal(["2", "1"], found.Select(search => search.SearchId));
        Assert.Equal(["blocks"], found[0].Filter!);
        Assert.Equal(["ada", "bob"], found[0].ByCreator!);
        Assert.Equal((null, null), (found[1].Filter, found[1].ByCreator));
        Assert.Single(await _searches.OfUserAsync(_user, 1, Token));
        Assert.Empty(await _searches.OfUserAsync("somebody else", 10, Token));
    }

    [Fact]
    public async Task A_search_that_is_changed_or_made_anew_is_there_once()
    {
        await SaveAsync(new RecentSearch("1", "m", ["blocks"], null), 0);
        await SaveAsync(new RecentSearch("1", "mail", ["blocks"], null), 1);
        await SaveAsync(new RecentSearch("2", "web", null, null), 2);
        await SaveAsync(new RecentSearch("3", "mail", ["blocks"], null), 3);

        Assert.Equal([("3", "mail"), ("2", "web")], (await _searches.OfUserAsync(_user, 10, Token)).Select(search => (search.SearchId, search.Query)));
    }

    [Fact]
    public async Task Only_the_last_are_kept()
    {
        for (var i = 0; i < RecentSearches.Kept + 5; i++) await SaveAsync(new RecentSearch($"{i}", $"query {i}", null, null), i);

        var found = await _searches.OfUserAsync(_user, 100, Token);

        Assert.Equal(Enumerable.Range(5, RecentSearches.Kept).Reverse().Select(number => $"{number}"), found.Select(search => search.SearchId));
    }

    private Task SaveAsync(RecentSearch search, int minutes) => _searches.SaveAsync(_user, search, Now.AddMinutes(minutes), Token);
}
