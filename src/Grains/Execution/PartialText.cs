using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>
/// The text that the block of an attempt is making, as it is shown to those who watch (ADR 0040): a notice with the text so far, its end where it is long, at most four times a second. One
/// notice is under way at a time, and what comes meanwhile is in the next; so nothing waits for it and nothing is kept but the end of one text.
/// </summary>
/// <param name="attempt">The attempt.</param>
/// <param name="publish">Sends a notice; false when nobody wants it. It does not throw.</param>
/// <param name="clock">Measures the pace.</param>
internal sealed class PartialText(NodeAttempt attempt, Func<PartialOutput, Task<bool>> publish, TimeProvider clock) : IPartialText, IDisposable
{
    /// <summary>The shortest time between two notices.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>The shortest time between two notices while nobody wants them. Who begins to watch in between gets the text that much later.</summary>
    public static readonly TimeSpan UnwantedPace = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Most attempts have no text to show, and every attempt has one of these: what a text needs is made with its first piece.
    private StringBuilder? _text;
    private CancellationTokenSource? _ended;
    private string _pin = "";
    private bool _isCut;
    private bool _hasNews;
    private bool _isSending;
    private bool _isOver;

    /// <inheritdoc/>
    public void Begin(string pin)
    {
        lock (_gate)
        {
            (_pin, _isCut, _hasNews) = (pin, false, false);
            _text?.Clear();
        }
    }

    /// <inheritdoc/>
    public void Append(string text)
    {
        lock (_gate)
        {
            if (_isOver || text.Length == 0) return;
            _text ??= new StringBuilder();
            _text.Append(text);
            // A character has a byte or more. Twice as much may be kept, so that not every piece moves all of it.
            if (_text.Length > 2 * PartialOutput.MostBytes)
            {
                _text.Remove(0, _text.Length - PartialOutput.MostBytes);
                _isCut = true;
            }

            _hasNews = true;
            if (_isSending) return;
            _isSending = true;
            _ended ??= new CancellationTokenSource();
        }

        // Not in the time of the block, and without its async locals.
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(SendAsync);
    }

    /// <summary>Ends it, whatever the block still does; a notice that is under way may arrive later.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver) return;
            _isOver = true;
        }

        _ended?.Cancel();
        _ended?.Dispose();
    }

    private async Task SendAsync()
    {
        while (Take() is { } notice)
        {
            var isWanted = await publish(notice);
            CancellationToken ended;
            lock (_gate)
            {
                if (_isOver) return;
                // Who begins to watch meanwhile gets it then, also when nothing follows for a while.
                if (!isWanted) _hasNews = true;
                ended = _ended!.Token;
            }

            await Task.Delay(isWanted ? Pace : UnwantedPace, clock, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private PartialOutput? Take()
    {
        lock (_gate)
        {
            if (_isOver || !_hasNews)
            {
                _isSending = false;
                return null;
            }

            _hasNews = false;
            var (text, isCut) = End(_text!.ToString());
            return new PartialOutput
            {
                RunId = attempt.Work.RunId,
                GraphId = attempt.Work.GraphId,
                GraphVersion = attempt.Work.GraphVersion,
                NodeExecutionId = attempt.NodeExecutionId,
                NodeId = attempt.Work.NodeId,
                BlockId = attempt.Work.BlockId,
                Pin = _pin,
                Text = JsonValues.CleanText(text),
                IsCut = isCut || _isCut,
            };
        }
    }

    /// <summary>The end of a text that is not larger than a notice may be, in whole characters.</summary>
    private static (string Text, bool IsCut) End(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var start = bytes.Length - PartialOutput.MostBytes;
        if (start <= 0) return (text, false);
        // A byte of this form goes on with a character that has begun before.
        while (start < bytes.Length && (bytes[start] & 0xC0) == 0x80) start++;
        return (Encoding.UTF8.GetString(bytes.AsSpan(start)), true);
    }
}
