using System.Threading.Channels;
using Grainflow.Blocks.Contract;

namespace Grainflow.Grains.Tests.Support;

/// <summary>A block that computes: emits its <c>value</c> <c>count</c> times (1 without a count), and after each holds its thread until the test lets all go on, if it is <c>held</c>.</summary>
[Block(Id, "Holds its thread until the test lets it go on.")]
internal sealed class HeldComputation : PureBlock<HeldComputation.Input, HeldComputation.Output>, IDisposable
{
    public const string Id = "00000000-0000-4000-8000-000000000007";

    private readonly ManualResetEventSlim _open = new();
    private readonly Channel<string?> _arrivals = Channel.CreateUnbounded<string?>();

    /// <summary>Lets all computations go on, now and later.</summary>
    public void Open() => _open.Set();

    /// <summary>Waits until one more computation is held, and answers the name of its thread.</summary>
    public Task<string?> ArrivalAsync() => _arrivals.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(GrainCluster.Patience);

    public void Dispose() => _open.Dispose();

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        for (var i = 0; i < (input.Count ?? 1); i++)
        {
            yield return Emit(nameof(Output.Value), input.Value ?? "");
            if (!input.Held) continue;
            _arrivals.Writer.TryWrite(Thread.CurrentThread.Name);
            _open.Wait();
        }
    }

    internal sealed record Input
    {
        public string? Value { get; init; }

        public bool Held { get; init; }

        public long? Count { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Value { get; init; }
    }
}
