using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Telemetry;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Tests;

public sealed class ComputingPoolTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualResetEventSlim _gate = new();
    private readonly ComputingPool _pool;

    public ComputingPoolTests()
    {
        var options = Options.Create(new GrainflowOptions { ComputingPoolSize = 2 });
        var metrics = new ExecutionMetrics(_services.GetRequiredService<IMeterFactory>(), options, new Draining(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), TimeProvider.System));
        _pool = new ComputingPool(options, metrics);
    }

    public void Dispose()
    {
        _gate.Set();
        _pool.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task A_short_computation_ends_while_64_long_ones_before_it_are_held()
    {
        var held = Enumerable.Range(0, 64).Select(_ => _pool.Start(_gate.Wait, CancellationToken.None)).ToList();

        await InTime(_pool.Start(() => { }, CancellationToken.None).Ended);

        Assert.DoesNotContain(held, computation => computation.Ended.IsCompleted);
        _gate.Set();
        await InTime(Task.WhenAll(held.Select(computation => computation.Ended)));
    }

    [Fact]
    public async Task Computations_beyond_the_replacements_wait_and_all_end()
    {
        using var begun = new SemaphoreSlim(0);
        var all = Enumerable.Range(0, 200).Select(_ => _pool.Start(
            () =>
            {
                begun.Release();
                _gate.Wait();
            },
            CancellationToken.None)).ToList();
        for (var i = 0; i < 2 + ComputingPool.MaxReplacements; i++) await InTime(begun.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal(2 + ComputingPool.MaxReplacements, all.Count(computation => computation.BeganAt != 0));

        _gate.Set();
        await InTime(Task.WhenAll(all.Select(computation => computation.Ended)));
    }

    [Fact]
    public async Task Short_computations_run_on_as_many_threads_as_the_pool_is_large()
    {
        var threads = new ConcurrentDictionary<int, bool>();

        await InTime(Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => _pool.Start(() => threads[Environment.CurrentManagedThreadId] = Thread.CurrentThread.IsThreadPoolThread, CancellationToken.None).Ended)));

        Assert.InRange(threads.Count, 1, 2);
        Assert.DoesNotContain(true, threads.Values);
    }

    [Fact]
    public async Task A_computation_that_takes_long_is_told_of_before_it_ends()
    {
        var computation = _pool.Start(_gate.Wait, CancellationToken.None);

        await InTime(computation.EndedOrSlow);

        Assert.False(computation.Ended.IsCompleted);
    }

    [Fact]
    public async Task A_computation_that_waits_is_cancelled_at_once()
    {
        using var cancel = new CancellationTokenSource();
        var held = Enumerable.Range(0, 2 + ComputingPool.MaxReplacements).Select(_ => _pool.Start(_gate.Wait, CancellationToken.None)).ToList();
        var began = false;
        var waiting = _pool.Start(() => began = true, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAsync<TaskCanceledException>(() => InTime(waiting.Ended));
        _gate.Set();
        await InTime(Task.WhenAll(held.Select(computation => computation.Ended)));
        Assert.False(began);
    }

    [Fact]
    public async Task Abandoned_computations_give_their_places_to_others_and_are_counted_until_they_end()
    {
        using var abandoned = new Gauge(_services.GetRequiredService<IMeterFactory>(), "execution_manager_abandoned_blocks");
        var held = Enumerable.Range(0, 2 + ComputingPool.MaxReplacements).Select(_ => _pool.Start(_gate.Wait, CancellationToken.None)).ToList();
        await InTime(Task.WhenAll(held.Select(computation => computation.EndedOrSlow)));

        foreach (var computation in held) _pool.Abandon(computation);

        var next = Enumerable.Range(0, 10).Select(_ => _pool.Start(() => { }, CancellationToken.None).Ended);
        await InTime(Task.WhenAll(next));
        Assert.Equal(held.Count, abandoned.Value);
        _gate.Set();
        await InTime(Task.WhenAll(held.Select(computation => computation.Ended)));
        Assert.Equal(0, abandoned.Value);
    }

    [Fact]
    public async Task A_computation_that_fails_fails_its_task_and_not_its_thread()
    {
        var failing = _pool.Start(() => throw new InvalidOperationException("boom"), CancellationToken.None);

        Assert.Equal("boom", (await Assert.ThrowsAsync<InvalidOperationException>(() => InTime(failing.Ended))).Message);
        await InTime(_pool.Start(() => { }, CancellationToken.None).Ended);
    }

    [Fact]
    public async Task A_pool_that_ends_drops_what_waits()
    {
        var held = Enumerable.Range(0, 2 + ComputingPool.MaxReplacements).Select(_ => _pool.Start(_gate.Wait, CancellationToken.None)).ToList();
        await InTime(Task.WhenAll(held.Select(computation => computation.EndedOrSlow)));
        var waiting = _pool.Start(() => { }, CancellationToken.None);

        _pool.Dispose();

        await Assert.ThrowsAsync<TaskCanceledException>(() => InTime(waiting.Ended));
        Assert.Throws<ObjectDisposedException>(() => _pool.Start(() => { }, CancellationToken.None));
    }

    private static Task InTime(Task task) => task.WaitAsync(GrainCluster.Patience, TestContext.Current.CancellationToken);

    /// <summary>Reads a gauge of one meter factory.</summary>
    private sealed class Gauge : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _value;

        public Gauge(IMeterFactory meters, string name)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == name && ReferenceEquals(instrument.Meter.Scope, meters)) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((_, value, _, _) => _value = value);
            _listener.Start();
        }

        public int Value
        {
            get
            {
                _listener.RecordObservableInstruments();
                return _value;
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
