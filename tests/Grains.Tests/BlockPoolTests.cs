using Grainflow.Grains.Execution;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Tests;

/// <summary>The places of a silo for blocks that wait for input and output.</summary>
public sealed class BlockPoolTests
{
    private readonly BlockPool _pool = new(Options.Create(new GrainflowOptions { BlockPoolSize = 1 }));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waiting_users_get_places_in_turn_however_many_blocks_one_of_them_has()
    {
        var place = await _pool.EnterAsync("a", Token);
        List<(string Name, Task<IDisposable> Place)> waiting = [.. Enumerable.Range(1, 1_000).Select(number => ($"a{number}", _pool.EnterAsync("a", Token)))];
        waiting.Add(("b1", _pool.EnterAsync("b", Token)));
        waiting.Add(("b2", _pool.EnterAsync("b", Token)));
        Assert.Equal(-1002, _pool.FreePlaces);

        var order = new List<string>();
        while (order.Count < 5)
        {
            place.Dispose();
            var next = await Task.WhenAny(waiting.Select(item => item.Place));
            order.Add(waiting.Single(item => item.Place == next).Name);
            waiting.RemoveAll(item => item.Place == next);
            Assert.DoesNotContain(waiting, item => item.Place.IsCompleted);
            place = await next;
        }

        Assert.Equal(["a1", "b1", "a2", "b2", "a3"], order);
    }

    [Fact]
    public async Task A_wait_that_was_cancelled_takes_no_place_and_no_turn()
    {
        using var cancelled = new CancellationTokenSource();
        var place = await _pool.EnterAsync("a", Token);
        var (gone, next, last) = (_pool.EnterAsync("b", cancelled.Token), _pool.EnterAsync("b", Token), _pool.EnterAsync("c", Token));

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        place.Dispose();

        (await next).Dispose();
        (await last).Dispose();
        Assert.Equal(1, _pool.FreePlaces);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _pool.EnterAsync("b", cancelled.Token));
        Assert.Equal(1, _pool.FreePlaces);
    }

    [Fact]
    public async Task A_place_that_is_given_back_twice_is_one_place()
    {
        var place = await _pool.EnterAsync("a", Token);
        place.Dispose();
        place.Dispose();

        using var again = await _pool.EnterAsync("a", Token);
        Assert.False(_pool.EnterAsync("a", Token).IsCompleted);
    }

    [Fact]
    public async Task However_blocks_of_many_users_come_leave_and_are_cancelled_at_once_no_place_is_lost()
    {
        var pool = new BlockPool(Options.Create(new GrainflowOptions { BlockPoolSize = 3 }));
        var inside = 0;
        var most = 0;

        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(number => Task.Run(
            async () =>
            {
                using var cancelled = new CancellationTokenSource();
                var entering = pool.EnterAsync($"user-{number % 7}", cancelled.Token);
                if (number % 3 == 0) await cancelled.CancelAsync();
                try
                {
                    using var place = await entering;
                    InterlockedMax(ref most, Interlocked.Increment(ref inside));
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                }
                catch (OperationCanceledException)
                {
                    Assert.Equal(0, number % 3);
                }
            },
            Token)));

        Assert.Equal((0, 3), (inside, pool.FreePlaces));
        Assert.InRange(most, 1, 3);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
            if (Interlocked.CompareExchange(ref target, value, seen) == seen) return;
    }
}
