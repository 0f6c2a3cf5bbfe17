using System.Threading.Channels;

namespace Grainflow.Grains.Tests.Support;

/// <summary>Where a block waits until the test lets it on. Once open it stays open.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _arrivals = Channel.CreateUnbounded<bool>();

    public void Open() => _open.TrySetResult();

    /// <summary>Called by the block.</summary>
    public Task PassAsync(CancellationToken cancellationToken)
    {
        _arrivals.Writer.TryWrite(true);
        return _open.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until one more block has come to the gate.</summary>
    public Task ArrivalAsync() => _arrivals.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(GrainCluster.Patience);
}
