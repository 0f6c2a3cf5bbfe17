using System.Collections.Concurrent;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Tests.Support;
using Grainflow.Silo.RunFiles;
using Grainflow.Storage;
using Grainflow.Storage.RunFiles;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.CrashPoints;

/// <summary>
/// Watches every store method, every grain call and every call to the world outside that the silos of a cluster make, and cuts one silo off at a chosen point: right before
/// or right after one of them. Outlives the silos.
/// </summary>
internal sealed class StepWatch
{
    /// <summary>The file size up to which the content of a file of a run is stored in the database.</summary>
    private const long DatabaseBytes = 8 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, bool> _passed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new(StringComparer.Ordinal);
    private Armed? _armed;

    /// <summary>The name of the silo that the test calls through, which is never cut off.</summary>
    public string? Caller { get; set; }

    /// <summary>Whether the steps that are passed are kept in <see cref="Passed"/>.</summary>
    public bool Records { get; set; }

    /// <summary>The steps that were passed.</summary>
    public IReadOnlyCollection<string> Passed => [.. _passed.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Empties <see cref="Passed"/>.</summary>
    public void Clear() => _passed.Clear();

    /// <summary>The calls that blocks made to the world outside.</summary>
    public CountingWorld World { get; } = new();

    /// <summary>Cuts the next silo off that passes a point, unless it is the caller's.</summary>
    /// <param name="point">The point.</param>
    /// <returns>A task with the name of the silo, which completes right before the silo is cut off.</returns>
    public Task<string> Arm(RunCrashPoint point)
    {
        var armed = new Armed(point);
        _armed = armed;
        return armed.Fired.Task;
    }

    /// <summary>Cuts no silo off any more.</summary>
    /// <returns>False when a silo has passed the point.</returns>
    public bool TryDisarm() => Interlocked.Exchange(ref _armed, null) is not null;

    /// <summary>Completes when a step has been passed from now on.</summary>
    public Task NextAsync(string step) => _awaited.GetOrAdd(step, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Puts a watched one in the place of each store and of each way out of a silo.</summary>
    /// <param name="services">The services of the silo, complete.</param>
    /// <param name="line">The connection of the silo.</param>
    public void Watch(IServiceCollection services, SiloLine line)
    {
        var pass = (string step, bool after) => Pass(step, after, line);
        foreach (var store in services.Where(IsStore).Select(service => service.ServiceType).Distinct().ToList())
        {
            var original = services.Last(service => service.ServiceType == store && !service.IsKeyedService);
            services.Remove(original);
            // A service of its own, so that the container disposes it.
            services.AddKeyedSingleton(store, this, (provider, _) => original.ImplementationFactory?.Invoke(provider)
                ?? original.ImplementationInstance ?? ActivatorUtilities.CreateInstance(provider, original.ImplementationType!));
            services.AddSingleton(store, provider => Watched.Of(store, provider.GetRequiredKeyedService(store, this), pass));
        }

        services.AddSingleton<IOutgoingGrainCallFilter>(new WatchedGrainCalls(pass));
        services.AddSingleton(provider => new BlockServices
        {
            Clock = provider.GetRequiredService<TimeProvider>(),
            Http = Watched.Of<Blocks.Http.IOutgoingHttp>(World, pass),
            Streams = new Blocks.Http.OutgoingStreams(new Blocks.Http.OutgoingHttpOptions()),
            Models = Watched.Of<Blocks.Ai.IChatModels>(World, pass),
            Files = new SharedRunFiles(provider.GetRequiredService<IRunFileStore>(), [], null, DatabaseBytes, provider.GetRequiredService<IIdSource>(), TimeProvider.System).Of,
            KeyValues = provider.GetRequiredService<UserValues>().Of,
            Library = provider.GetRequiredService<OwnLibrary>().Of,
            Credentials = World,
        });
    }

    /// <summary>Whether a service is a store: an interface of the project Storage.</summary>
    private static bool IsStore(ServiceDescriptor service) =>
        !service.IsKeyedService && service.ServiceType is { IsInterface: true } type && type.Assembly == typeof(Database).Assembly;

    private void Pass(string step, bool after, SiloLine line)
    {
        line.Check();
        if (Records) _passed.TryAdd(step, true);
        if (after && _awaited.TryRemove(step, out var awaited)) awaited.TrySetResult();
        if (_armed is not { } armed || armed.Point.IsAfter != after || armed.Point.Step.Name != step || line.Silo == Caller) return;
        if (Interlocked.CompareExchange(ref _armed, null, armed) != armed) return;
        // Before the cut, so that nobody sees a call fail while the task is not completed.
        armed.Fired.SetResult(line.Silo);
        line.Cut();
        line.Check();
    }

    private sealed record Armed(RunCrashPoint Point)
    {
        public TaskCompletionSource<string> Fired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>Passes the points before and after each call of a grain that a silo makes, observers included.</summary>
internal sealed class WatchedGrainCalls(Action<string, bool> pass) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // Orleans calls grains of its own.
        if (context.InterfaceMethod is not { DeclaringType: { } type } method || type.Assembly != typeof(Interfaces.Execution.IGraphExecutionGrain).Assembly)
        {
            await context.Invoke();
            return;
        }

        var step = $"{type.Name}.{method.Name}";
        pass(step, false);
        await context.Invoke();
        pass(step, true);
    }
}
