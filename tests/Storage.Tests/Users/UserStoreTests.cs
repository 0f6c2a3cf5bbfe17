using Grainflow.Storage.Users;

namespace Grainflow.Storage.Tests.Users;

public class UserStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_is_created_once_and_kept()
    {
        var store = new UserStore(fixture.Source);
        var id = fixture.NextUser();
        Assert.Null(await store.FindAsync(id, Token));

        var first = await store.EnsureAsync(id, "a@example.com", null, Start, Token);
        var again = await store.EnsureAsync(id, "b@example.com", "B", Start.AddDays(1), Token);

        Assert.Equal(new UserRow(id, "a@example.com", null, Start), first);
        Assert.Equal(first, again);
    }
}
