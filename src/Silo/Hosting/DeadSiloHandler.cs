using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// Ends the process when the cluster has declared its silo dead, as after a long pause: others go on with its runs, so that its blocks must not. The handler of
/// Orleans would abort with a memory dump. Whoever supervises the process starts it again.
/// </summary>
internal sealed class DeadSiloHandler(ILocalSiloDetails silo) : IFatalErrorHandler
{
    private int _ended;

    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc/>
    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        // Orleans passes no exception when the membership table says that this silo is dead.
        var reason = exception is null
            ? "its cluster has declared it dead, as it did not answer for too long; the others go on with its runs"
            : $"the membership of its cluster cannot be followed any more ({exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")})";
        Console.Error.WriteLine($"Silo {silo.SiloAddress.ToParsableString()} ends: {reason}. Start it again (exit code {ExitCodes.StartAgain}).");
        // Not in order: an orderly stop would report blocks of attempts that others have taken over. What is under way here is cut off.
        Environment.Exit(ExitCodes.StartAgain);
    }
}
