using System.Text;
using Grainflow.Gateway.WebSockets;

namespace Grainflow.Gateway.Tests.WebSockets;

public sealed class OutboxTests
{
    private static readonly Guid Run = new("00000000-0000-4000-8000-000000000001");
    private static readonly Guid Node = new("00000000-0000-4000-8000-000000000002");

    [Fact]
    public async Task Messages_come_out_as_they_went_in()
    {
        var outbox = new Outbox(10, 1000);
        Assert.True(outbox.Post(Event("one", Run)));
        Assert.True(outbox.Post(Event("two", Run)));

        Assert.Equal(["one", "two"], await TakeAsync(outbox, 2));
    }

    [Fact]
    public async Task A_full_box_keeps_the_latest_of_each_subject_in_order_and_every_reply()
    {
        var outbox = new Outbox(6, 1000);
        outbox.Post(Event("run 1", Run));
        outbox.Post(Event("node 1", Node));
        outbox.Post(Reply("reply"));
        outbox.Post(Event("run 2", Run));
        outbox.Post(Event("run 2 elsewhere", Run, "other channel"));
        outbox.Post(Event("node 2", Node));
        Assert.Equal(6, outbox.Count);

        outbox.Post(Event("run 3", Run));

        Assert.Equal(["reply", "run 2 elsewhere", "node 2", "run 3"], await TakeAsync(outbox, outbox.Count));
    }

    [Fact]
    public async Task Bytes_fill_a_box_too()
    {
        var outbox = new Outbox(100, 1000);
        for (var i = 0; i < 10; i++) Assert.True(outbox.Post(Event($"{i}{new string('.', 300)}", Run)));

        var left = await TakeAsync(outbox, outbox.Count);
        Assert.InRange(left.Count, 1, 3);
        Assert.StartsWith("9", left[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_is_hopelessly_behind_is_given_up()
    {
        var outbox = new Outbox(10, 1_000_000);

        Assert.All(Enumerable.Range(0, 40), number => Assert.True(outbox.Post(Event("event", Numbered(number)))));
        Assert.False(outbox.Post(Event("event", Numbered(40))));
    }

    [Fact]
    public async Task There_is_room_when_half_of_the_box_is_empty()
    {
        var outbox = new Outbox(4, 1000);
        for (var i = 0; i < 4; i++) outbox.Post(Event("event", Numbered(i)));
        var room = outbox.RoomAsync(CancellationToken.None);

        await TakeAsync(outbox, 1);
        Assert.False(room.IsCompleted);
        await TakeAsync(outbox, 1);

        await room.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Whoever_waits_for_a_message_is_woken_by_it()
    {
        var outbox = new Outbox(4, 1000);
        var waiting = outbox.ReadyAsync();
        Assert.False(waiting.IsCompleted);

        outbox.Post(Event("event", Run));
        Assert.True(await waiting);
    }

    [Fact]
    public async Task A_closed_box_is_empty_and_takes_nothing()
    {
        var outbox = new Outbox(4, 1000);
        var waiting = outbox.ReadyAsync();
        outbox.Close();
        outbox.Post(Event("late", Run));

        Assert.False(await waiting);
        Assert.False(await outbox.ReadyAsync());
        Assert.False(outbox.TryDequeue(out _));
        await outbox.RoomAsync(CancellationToken.None);
    }

    private static Guid Numbered(int number) => new($"00000000-0000-4000-8000-{number:x12}");

    private static Frame Event(string text, Guid subject, string channel = "channel") => new(Encoding.UTF8.GetBytes(text), (channel, subject));

    private static Frame Reply(string text) => new(Encoding.UTF8.GetBytes(text), Subject: null);

    private static async Task<List<string>> TakeAsync(Outbox outbox, int count)
    {
        var taken = new List<string>();
        for (var i = 0; i < count; i++)
        {
            Assert.True(await outbox.ReadyAsync());
            Assert.True(outbox.TryDequeue(out var frame));
            taken.Add(Encoding.UTF8.GetString(frame.Bytes.Span));
        }

        return taken;
    }
}
