using System.Runtime.InteropServices;

namespace Grainflow.Silo.CommandLine;

/// <summary>Ctrl-C and TERM: the first asks the command to end in order, the second ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private int _signals;

    /// <summary>Begins to handle both signals.</summary>
    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => _first.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _first.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        // Signals that come together are handled on several threads.
        if (Interlocked.Increment(ref _signals) == 1)
        {
            _first.Cancel();
            return;
        }

        Console.Error.WriteLine("Ended at once. Unfinished runs go on at the next start with this data folder.");
        Environment.Exit(ExitCodes.Interrupted);
    }
}
