using System.Collections.Concurrent;
using Orleans.Embedded.Tests.Support;
using Orleans.Runtime;

namespace Orleans.Embedded.Tests.Grains;

/// <summary>How many activations of each grain live at the moment.</summary>
public sealed class Population
{
    private readonly ConcurrentDictionary<string, int> _living = new(StringComparer.Ordinal);

    public int Most { get; private set; }

    public void Born(string key) => Most = Math.Max(Most, _living.AddOrUpdate(key, 1, static (_, count) => count + 1));

    public void Died(string key) => _living.AddOrUpdate(key, 0, static (_, count) => count - 1);
}

public abstract class LifeGrainBase(Probe probe, Population population) : Grain
{
    private int _touched;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        if (key.StartsWith("stillborn", StringComparison.Ordinal) && probe.Count("failed to activate") < 1)
        {
            await Task.Yield();
            probe.Happened("failed to activate");
            throw new InvalidTimeZoneException("stillborn");
        }

        if (key == "slow to come") await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        if (key == "ends at once") this.DeactivateOnIdle();
        if (key == "waits for the test") await probe.Opened("may come");
        population.Born(key);
        probe.Happened("activated");
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Happened($"deactivated: {reason.ReasonCode}");
        if (this.GetPrimaryKeyString() == "slow to go")
        {
            probe.Happened("going");
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        population.Died(this.GetPrimaryKeyString());
        if (this.GetPrimaryKeyString() == "fails to go") throw new InvalidTimeZoneException("fails to go");
    }

    public Task<int> Touch() => Task.FromResult(++_touched);

    public Task<int> TouchInterleaved() => Task.FromResult(++_touched);

    public async Task Hold(string name)
    {
        probe.Happened($"{name} started");
        await probe.Opened(name);
        probe.Happened($"{name} ended");
    }

    public Task EndSoon()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task EndSoonAndHold(string name)
    {
        DeactivateOnIdle();
        return Hold(name);
    }

    public Task Delay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task StartDetachedWork(string name)
    {
        _ = Hold(name);
        return Task.CompletedTask;
    }

    public Task StartTimer(string name, bool keepAlive)
    {
        this.RegisterGrainTimer(
            () =>
            {
                probe.Happened(name);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)) { KeepAlive = keepAlive });
        return Task.CompletedTask;
    }
}

public sealed class LifeGrain(Probe probe, Population population) : LifeGrainBase(probe, population), ILifeGrain;

[KeepAlive]
public sealed class KeptGrain(Probe probe, Population population) : LifeGrainBase(probe, population), IKeptGrain;

[CollectionAgeLimit(Minutes = 3)]
public sealed class BriefGrain(Probe probe, Population population) : LifeGrainBase(probe, population), IBriefGrain;

public sealed class ConfiguredGrain(Probe probe, Population population) : LifeGrainBase(probe, population), IConfiguredGrain;
