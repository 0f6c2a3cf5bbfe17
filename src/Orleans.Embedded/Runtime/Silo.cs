using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The one silo of a host: the directory of activations, and the way of every call.</summary>
internal sealed class Silo : ICallSender, IDisposable
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly SiloMessagingOptions _messaging;
    private readonly ClusterOptions _cluster;
    private readonly IEnumerable<ISiloParticipant> _participants;
    private ITimer? _collector;
    private volatile Status _status = Status.Created;

    public Silo(
        IServiceProvider services,
        GrainCatalog catalog,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<ClusterOptions> cluster,
        IEnumerable<ISiloParticipant> participants,
        ILogger<Silo> logger)
    {
        Services = services;
        Catalog = catalog;
        Logger = logger;
        Collection = Valid(collection.Value);
        GrainFactory = new GrainFactory(this, catalog);
        GrainClock = Clocks.For(services, Clocks.Grains);
        CollectionClock = Clocks.For(services, Clocks.ActivationManagement);
        Clock = Clocks.For(services, Clocks.Messaging);
        Address = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 0), Environment.TickCount & int.MaxValue);
        _messaging = messaging.Value;
        _cluster = cluster.Value;
        _participants = participants;
    }

    private enum Status
    {
        Created,
        Running,
        Stopping,
        Stopped,
    }

    public IServiceProvider Services { get; }

    public GrainCatalog Catalog { get; }

    public GrainFactory GrainFactory { get; }

    public GrainCollectionOptions Collection { get; }

    public ILogger Logger { get; }

    public SiloAddress Address { get; }

    /// <summary>The clock of grain timers.</summary>
    public TimeProvider GrainClock { get; }

    /// <summary>The clock of idle collection, activation and deactivation.</summary>
    public TimeProvider CollectionClock { get; }

    public TimeProvider Clock { get; }

    public TimeSpan ResponseTimeout => _messaging.ResponseTimeout;

    public bool CancelRequestOnTimeout => _messaging.CancelRequestOnTimeout;

    public bool IsRunning => _status == Status.Running;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var participant in _participants) await participant.StartAsync(cancellationToken);
        _status = Status.Running;
        _collector = CollectionClock.CreateTimer(static state => ((Silo)state!).CollectIdle(), this, Collection.CollectionQuantum, Collection.CollectionQuantum);
        Log.Started(Logger, Address.ToString(), _cluster.ServiceId);
    }

    /// <summary>Deactivates everything; what has not ended when the token is cancelled is abandoned.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_status is Status.Stopping or Status.Stopped) return;
        _status = Status.Stopping;
        if (_collector is not null) await _collector.DisposeAsync();
        try
        {
            // A call that was let in just before may still be making an activation.
            while (!_activations.IsEmpty)
            {
                var ending = _activations.Values.ToArray();
                foreach (var activation in ending)
                {
                    activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This silo is stopping."), cancellationToken);
                }

                await Task.WhenAll(ending.Select(static activation => activation.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Log.StoppedEarly(Logger, Address.ToString(), _activations.Count);
        }

        Kill();
        Log.Stopped(Logger, Address.ToString());
    }

    /// <summary>Ends at once: no grain hears of it, and every call that waits fails.</summary>
    public void Kill()
    {
        _status = Status.Stopped;
        _collector?.Dispose();
        foreach (var activation in _activations.Values) activation.Abandon(Unavailable());
    }

    public void Send(GrainId grainId, Request request)
    {
        while (true)
        {
            if (_status is Status.Created or Status.Stopped)
            {
                request.Fail(Unavailable());
                return;
            }

            if (_activations.TryGetValue(grainId, out var activation))
            {
                if (activation.TryEnqueue(request)) return;
                Forget(activation);
            }
            else if (_status == Status.Stopping)
            {
                request.Fail(Unavailable());
                return;
            }
            else
            {
                var created = new Activation(this, Catalog[grainId.Type], grainId);
                if (!_activations.TryAdd(grainId, created)) continue;
                created.Start();

                // A kill that came in between did not see it.
                if (_status == Status.Stopped) created.Abandon(Unavailable());
            }
        }
    }

    public bool TryGetActivation(GrainId grainId, out Activation? activation) => _activations.TryGetValue(grainId, out activation);

    public void Forget(Activation activation) => _activations.TryRemove(KeyValuePair.Create(activation.GrainId, activation));

    public void Dispose() => Kill();

    private static GrainCollectionOptions Valid(GrainCollectionOptions options)
    {
        if (options.CollectionQuantum <= TimeSpan.Zero)
        {
            throw new OrleansConfigurationException($"{nameof(GrainCollectionOptions)}.{nameof(options.CollectionQuantum)} is {options.CollectionQuantum}; it must be more than zero.");
        }

        foreach (var (name, age) in options.ClassSpecificCollectionAge.Append(KeyValuePair.Create(nameof(options.CollectionAge), options.CollectionAge)))
        {
            if (age <= options.CollectionQuantum)
            {
                throw new OrleansConfigurationException($"{nameof(GrainCollectionOptions)}: the collection age of {name} is {age}; it must be more than {nameof(options.CollectionQuantum)}, which is {options.CollectionQuantum}.");
            }
        }

        return options;
    }

    private void CollectIdle()
    {
        foreach (var activation in _activations.Values) activation.CollectIfIdle(CollectionClock);
    }

    private SiloUnavailableException Unavailable() => new(_status switch
    {
        Status.Created => "The local Orleans host has not started yet and cannot process requests.",
        _ => "The local Orleans host is shutting down and can no longer process the request.",
    });
}
