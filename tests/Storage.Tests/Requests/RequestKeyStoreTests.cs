using System.Text;
using Grainflow.Storage.Requests;

namespace Grainflow.Storage.Tests.Requests;

public class RequestKeyStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly RequestKeyStore _store = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_request_of_a_user_and_key_is_kept_with_its_answer()
    {
        var user = fixture.NextUser();
        var first = await EnsureAsync(user, "a");
        await _store.AnswerAsync(first, 200, "{\"id\": 1}"u8.ToArray(), Token);
        await _store.AnswerAsync(first, 500, "too late"u8.ToArray(), Token);

        var again = await EnsureAsync(user, "a");
        var other = await EnsureAsync(user, "b");
        var others = await EnsureAsync(fixture.NextUser(), "a");

        Assert.Equal((first.ResourceId, 200, "{\"id\": 1}"), (again.ResourceId, again.Status, Encoding.UTF8.GetString(again.Answer!.Value.Span)));
        Assert.Equal(3, new[] { first.ResourceId, other.ResourceId, others.ResourceId }.Distinct().Count());
        Assert.All([other, others], row => Assert.Null(row.Status));
    }

    [Fact]
    public async Task Of_fifty_at_once_all_get_the_same_id()
    {
        var user = fixture.NextUser();

        var rows = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => EnsureAsync(user, "a")));

        Assert.Single(rows.Select(row => row.ResourceId).Distinct());
    }

    [Fact]
    public async Task A_request_that_has_grown_old_counts_as_never_sent_and_is_taken_away_by_others()
    {
        var user = fixture.NextUser();
        var old = await EnsureAsync(user, "old");
        await EnsureAsync(user, "swept");
        await _store.AnswerAsync(old, 200, "{}"u8.ToArray(), Token);

        var atTheEdge = await EnsureAsync(user, "old", Now + TimeSpan.FromHours(24));
        var anew = await EnsureAsync(user, "old", Now + TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));

        Assert.Equal((old.ResourceId, 200), (atTheEdge.ResourceId, atTheEdge.Status));
        Assert.NotEqual(old.ResourceId, anew.ResourceId);
        Assert.Null(anew.Status);
        Assert.Equal(["old"], await fixture.Source.ListAsync("SELECT key FROM request_keys WHERE user_id = $1", [user], row => row.GetString(0), Token));
    }

    [Fact]
    public async Task Only_a_request_without_an_answer_is_forgotten()
    {
        var user = fixture.NextUser();
        var refused = await EnsureAsync(user, "refused");
        var answered = await EnsureAsync(user, "answered");
        await _store.AnswerAsync(answered, 200, "{}"u8.ToArray(), Token);

        await _store.DeleteAsync(refused, Token);
        await _store.DeleteAsync(answered, Token);

        Assert.NotEqual(refused.ResourceId, (await EnsureAsync(user, "refused")).ResourceId);
        Assert.Equal(answered.ResourceId, (await EnsureAsync(user, "answered")).ResourceId);
    }

    private Task<RequestKeyRow> EnsureAsync(string user, string key, DateTimeOffset? at = null)
    {
        var now = at ?? Now;
        return _store.EnsureAsync(new RequestKeyRow(user, key, "fingerprint", fixture.NextId(), now, Status: null, Answer: null), now - TimeSpan.FromHours(24), Token);
    }
}
