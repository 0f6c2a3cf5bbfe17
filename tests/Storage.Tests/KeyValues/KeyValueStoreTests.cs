using System.Text;
using Grainflow.Storage.KeyValues;

namespace Grainflow.Storage.Tests.KeyValues;

public class KeyValueStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly KeyValueStore _store = new(fixture.Source);
    private readonly string _user = fixture.NextId().ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("5.0")]
    [InlineData("null")]
    [InlineData("{\"b\":1,\"a\":[\"ü\",false]}")]
    public async Task A_value_is_read_as_it_was_written(string json)
    {
        Assert.True(await SaveAsync("k", json));
        Assert.Equal(json, await FindAsync("k"));
    }

    [Fact]
    public async Task A_value_is_found_by_its_user_and_its_key_alone()
    {
        await SaveAsync("k", "1");

        Assert.Null(await FindAsync("K"));
        Assert.Null(await _store.FindAsync("somebody else", "k", Token));
    }

    [Fact]
    public async Task The_last_write_is_the_one_that_is_read_and_a_repeated_one_changes_nothing()
    {
        await SaveAsync("k", "1");
        await SaveAsync("k", "2");
        await SaveAsync("k", "2");
        Assert.Equal("2", await FindAsync("k"));
    }

    [Fact]
    public async Task Beyond_the_number_a_new_key_is_refused_and_a_known_one_is_still_written()
    {
        Assert.True(await SaveAsync("a", "1", maxKeys: 2));
        Assert.True(await SaveAsync("b", "1", maxKeys: 2));

        Assert.False(await SaveAsync("c", "1", maxKeys: 2));
        Assert.True(await SaveAsync("b", "2", maxKeys: 2));

        Assert.Null(await FindAsync("c"));
        Assert.Equal("2", await FindAsync("b"));
    }

    [Fact]
    public async Task Beyond_the_size_a_value_is_refused_and_the_one_before_it_stays()
    {
        Assert.True(await SaveAsync("a", "\"aaaa\"", maxBytes: 10));
        Assert.True(await SaveAsync("b", "1", maxBytes: 10));

        Assert.False(await SaveAsync("b", "\"bbbbbb\"", maxBytes: 10));

        Assert.Equal("1", await FindAsync("b"));
        // What a value had before does not count beside what it gets.
        Assert.True(await SaveAsync("a", "\"aaaaaaa\"", maxBytes: 10));
    }

    [Fact]
    public async Task Writes_of_one_key_at_the_same_time_leave_one_of_them()
    {
        var written = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => SaveAsync("k", $"{number}")));

        Assert.DoesNotContain(false, written);
        Assert.InRange(int.Parse((await FindAsync("k"))!, System.Globalization.CultureInfo.InvariantCulture), 0, 19);
    }

    private Task<bool> SaveAsync(string key, string json, int maxKeys = 10, long maxBytes = 1000) =>
        _store.SaveAsync(new UserValueRow(_user, key, Encoding.UTF8.GetBytes(json), Now), maxKeys, maxBytes, Token);

    private async Task<string?> FindAsync(string key) => await _store.FindAsync(_user, key, Token) is { } json ? Encoding.UTF8.GetString(json.Span) : null;
}
