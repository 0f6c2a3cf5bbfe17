using System.Text;
using System.Threading.Channels;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.TestSupport;

namespace Grainflow.Grains.Tests.Execution;

/// <summary>The pace and the size of the notices with a text that is still made (ADR 0040).</summary>
public sealed class PartialTextTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly Channel<PartialOutput> _sent = Channel.CreateUnbounded<PartialOutput>();
    private readonly NodeAttempt _attempt;
    private readonly PartialText _text;
    private Func<Task<bool>> _answer = () => Task.FromResult(true);

    public PartialTextTests()
    {
        var work = new NodeWork
        {
            RunId = new Guid("00000000-0000-4000-8000-000000000001"),
            UserId = "user",
            GraphId = new Guid("00000000-0000-4000-8000-000000000002"),
            GraphVersion = 3,
            NodeId = "node",
            BlockId = "block",
            Attempt = 1,
            Input = JsonPayload.EmptyObject,
        };
        _attempt = new NodeAttempt(new Guid("00000000-0000-4000-8000-000000000004"), work, _ => throw new InvalidOperationException("Nothing is reported."), _clock, TimeSpan.FromSeconds(1));
        _text = new PartialText(_attempt, SendAsync, _clock);
        _text.Begin("response");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _text.Dispose();
        _attempt.Dispose();
    }

    [Fact]
    public async Task A_text_is_sent_at_once_and_then_four_times_a_second_whatever_comes()
    {
        _text.Append("0");
        Assert.Equal("0", (await NextAsync()).Text);
        for (var i = 0; i < 3; i++)
        {
            await _clock.WaitForTimerAsync(Cancel);
            for (var piece = 0; piece < 100; piece++) _text.Append(".");
            _clock.Advance(PartialText.Pace - TimeSpan.FromMilliseconds(1));
            Assert.False(_sent.Reader.TryRead(out _));

            _clock.Advance(TimeSpan.FromMilliseconds(1));

            Assert.Equal(1 + (100 * (i + 1)), (await NextAsync()).Text.Length);
        }
    }

    [Fact]
    public async Task A_notice_names_its_node_and_does_not_show_its_text_in_a_log()
    {
        _text.Append("hidden");

        var notice = await NextAsync();

        Assert.Equal((_attempt.Work.RunId, _attempt.Work.GraphId, 3, _attempt.NodeExecutionId, "node", "block", "response", false),
            (notice.RunId, notice.GraphId, notice.GraphVersion, notice.NodeExecutionId, notice.NodeId, notice.BlockId, notice.Pin, notice.IsCut));
        Assert.DoesNotContain("hidden", notice.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_notice_is_under_way_no_other_is_and_what_comes_meanwhile_is_in_the_next()
    {
        var slow = new TaskCompletionSource<bool>();
        _answer = () => slow.Task;
        _text.Append("a");
        await NextAsync();
        for (var i = 0; i < 1_000; i++) _text.Append("b");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_sent.Reader.TryRead(out _));

        _answer = () => Task.FromResult(true);
        slow.SetResult(true);
        await _clock.WaitForTimerAsync(Cancel);
        _clock.Advance(PartialText.Pace);

        Assert.Equal(1_001, (await NextAsync()).Text.Length);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("日")]
    [InlineData("😀")]
    public async Task Of_a_long_text_the_end_is_sent_in_whole_characters(string letter)
    {
        var text = string.Concat(Enumerable.Repeat(letter, 50_000)) + "end";
        foreach (var piece in text.Chunk(999)) _text.Append(new string(piece));
        // The first notice may have gone with less.
        PartialOutput notice;
        do
        {
            notice = await NextAsync();
            if (notice.Text.EndsWith("end", StringComparison.Ordinal)) break;
            await _clock.WaitForTimerAsync(Cancel);
            _clock.Advance(PartialText.Pace);
        }
        while (true);

        Assert.True(notice.IsCut);
        Assert.InRange(Encoding.UTF8.GetByteCount(notice.Text), PartialOutput.MostBytes - 4, PartialOutput.MostBytes);
        Assert.EndsWith(notice.Text, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_begins_again_takes_the_place_of_what_was_shown()
    {
        _text.Append("first");
        await NextAsync();
        await _clock.WaitForTimerAsync(Cancel);

        _text.Begin("response");
        _text.Append("second");
        _clock.Advance(PartialText.Pace);

        Assert.Equal("second", (await NextAsync()).Text);
    }

    [Fact]
    public async Task Who_begins_to_watch_gets_the_text_within_a_second_although_nothing_follows()
    {
        _answer = () => Task.FromResult(false);
        _text.Append("a");
        await NextAsync();
        await _clock.WaitForTimerAsync(Cancel);
        _answer = () => Task.FromResult(true);

        _clock.Advance(PartialText.UnwantedPace);

        Assert.Equal("a", (await NextAsync()).Text);
    }

    [Fact]
    public async Task Nothing_is_sent_after_the_end_of_the_node()
    {
        _text.Append("a");
        await NextAsync();
        await _clock.WaitForTimerAsync(Cancel);
        _text.Append("b");

        _text.Dispose();
        _text.Append("c");
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.False(_sent.Reader.TryRead(out _));
        Assert.Equal(0, _clock.ArmedTimers);
    }

    private Task<bool> SendAsync(PartialOutput notice)
    {
        _sent.Writer.TryWrite(notice);
        return _answer();
    }

    private async Task<PartialOutput> NextAsync() => await _sent.Reader.ReadAsync(Cancel);
}
