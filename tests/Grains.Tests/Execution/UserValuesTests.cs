using System.Collections.Concurrent;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Execution;
using Grainflow.Storage.KeyValues;
using Grainflow.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.Grains.Tests.Execution;

public sealed class UserValuesTests
{
    private readonly ManualClock _clock = new();
    private readonly MemoryStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_that_is_repeated_leaves_the_same_value_and_answers_the_same()
    {
        var values = Of("user");

        await values.WriteAsync("k", JsonValues.Parse("[1, 2.0]"), Token);
        await values.WriteAsync("k", JsonValues.Parse("[1, 2.0]"), Token);

        Assert.Equal("[1,2.0]", JsonValues.Compact((await values.FindAsync("k", Token))!.Value));
        Assert.Single(_store.Rows);
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_is_repeated()
    {
        _store.FailNext = 1;

        var write = Of("user").WriteAsync("k", JsonValues.True, Token);
        await _clock.WaitForTimerAsync(Token);
        _clock.Advance(TimeSpan.FromMinutes(1));

        await write;
        Assert.Equal(2, _store.Writes);
    }

    [Fact]
    public async Task Users_do_not_see_the_values_of_others()
    {
        await Of("one").WriteAsync("k", JsonValues.True, Token);
        Assert.Null(await Of("other").FindAsync("k", Token));
    }

    [Theory]
    [InlineData(1024 * 1024 - 2, true)]
    [InlineData(1024 * 1024 - 1, false)]
    public async Task A_value_may_have_a_megabyte_as_JSON(int length, bool isWritten)
    {
        var write = Of("user").WriteAsync("k", JsonValues.From(new string('x', length)), Token);

        if (isWritten) await write;
        else Assert.Equal("'value' has 1048577 bytes as JSON; a stored value may have at most 1048576", (await Assert.ThrowsAsync<BlockException>(() => write)).Message);
    }

    [Fact]
    public async Task A_long_key_is_refused_for_reading_and_writing()
    {
        var key = new string('ü', 1001);
        await Assert.ThrowsAsync<BlockException>(() => Of("user").WriteAsync(key, JsonValues.True, Token));
        Assert.Equal("'key' may have at most 2000 bytes with its scope", (await Assert.ThrowsAsync<BlockException>(() => Of("user").FindAsync(key, Token))).Message);
    }

    [Fact]
    public async Task A_user_with_too_many_values_is_told_the_limits()
    {
        _store.Refuses = true;
        var refused = await Assert.ThrowsAsync<BlockException>(() => Of("user").WriteAsync("k", JsonValues.True, Token));
        Assert.Equal("The stored values of your agents may be at most 10000 with 64 MB together; use fewer keys or smaller values", refused.Message);
    }

    private IKeyValues Of(string user) => new UserValues(_store, new GrainCallRetry(_clock, NullLogger<GrainCallRetry>.Instance), _clock).Of(user);

    private sealed class MemoryStore : IKeyValueStore
    {
        public ConcurrentDictionary<(string User, string Key), ReadOnlyMemory<byte>> Rows { get; } = [];

        public int FailNext { get; set; }

        public int Writes { get; private set; }

        public bool Refuses { get; set; }

        public Task<ReadOnlyMemory<byte>?> FindAsync(string userId, string key, CancellationToken cancellationToken) =>
            Task.FromResult(Rows.TryGetValue((userId, key), out var json) ? json : (ReadOnlyMemory<byte>?)null);

        public Task<bool> SaveAsync(UserValueRow value, int maxKeys, long maxBytes, CancellationToken cancellationToken)
        {
            Writes++;
            if (Refuses) return Task.FromResult(false);
            Rows[(value.UserId, value.Key)] = value.Json;
            // The row is written and the answer is lost.
            if (FailNext-- > 0) throw new IOException("The connection was lost.");
            return Task.FromResult(true);
        }
    }
}
