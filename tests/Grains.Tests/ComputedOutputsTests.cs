using System.Diagnostics.Metrics;
using Grainflow.Blocks.Contract;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Telemetry;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Tests;

public sealed class ComputedOutputsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TidyBlock _block = new();
    private readonly ComputingPool _pool;

    public ComputedOutputsTests()
    {
        var options = Options.Create(new GrainflowOptions { ComputingPoolSize = 1 });
        _pool = new ComputingPool(options, new ExecutionMetrics(_services.GetRequiredService<IMeterFactory>(), options, new Draining(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), TimeProvider.System)));
    }

    public void Dispose()
    {
        _block.Dispose();
        _pool.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task A_block_cleans_up_when_it_has_ended()
    {
        var pins = 0;
        await foreach (var batch in Outputs(count: 20).ReadAsync(CancellationToken.None, CancellationToken.None)) pins += batch.Outputs.Count;

        await _block.CleanedUp.WaitAsync(GrainCluster.Patience);
        Assert.Equal(20, pins);
    }

    [Fact]
    public async Task A_block_cleans_up_when_its_outputs_are_no_longer_taken()
    {
        await foreach (var batch in Outputs(count: 1000).ReadAsync(CancellationToken.None, CancellationToken.None))
        {
            Assert.True(batch.More);
            break;
        }

        await _block.CleanedUp.WaitAsync(GrainCluster.Patience);
    }

    [Fact]
    public async Task A_block_that_was_left_behind_cleans_up_when_it_ends()
    {
        using var abandoned = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in Outputs(count: 2, held: true).ReadAsync(abandoned.Token, CancellationToken.None))
            {
                Assert.Single(batch.Outputs);
                await abandoned.CancelAsync();
            }
        });

        Assert.False(_block.CleanedUp.IsCompleted);
        _block.Open();
        await _block.CleanedUp.WaitAsync(GrainCluster.Patience);
    }

    private ComputedOutputs Outputs(int count, bool held = false) => new(
        _pool, _block, JsonPayload.Wrap(System.Text.Encoding.UTF8.GetBytes($$"""{"count": {{count}}, "held": {{(held ? "true" : "false")}}}""")),
        new ComputationContext { UserId = "u", GraphId = "g", RunId = "r", NodeId = "n", NodeExecutionId = "e", Clock = TimeProvider.System });

    [Block("00000000-0000-4000-8000-0000000000c1", "Says when it has cleaned up.")]
    private sealed class TidyBlock : PureBlock<TidyBlock.Input, TidyBlock.Output>, IDisposable
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly TaskCompletionSource _cleanedUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task CleanedUp => _cleanedUp.Task;

        public void Open() => _open.Set();

        public void Dispose() => _open.Dispose();

        protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
        {
            try
            {
                for (var i = 0; i < input.Count; i++)
                {
                    yield return Emit(nameof(Output.Number), i);
                    if (input.Held) _open.Wait();
                }
            }
            finally
            {
                _cleanedUp.TrySetResult();
            }
        }

        internal sealed record Input
        {
            public required long Count { get; init; }

            public bool Held { get; init; }
        }

        internal sealed record Output : BlockResult
        {
            public required long Number { get; init; }
        }
    }
}
