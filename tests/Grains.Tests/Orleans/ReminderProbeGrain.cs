using System.Collections.Concurrent;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>A grain that a reminder wakes.</summary>
[Alias("tests.IReminderProbeGrain")]
public interface IReminderProbeGrain : IGrainWithStringKey, IRemindable
{
    /// <summary>Registers the reminder, first due after a minute and then every minute.</summary>
    [Alias("Register")]
    Task Register();

    /// <summary>Removes the reminder.</summary>
    [Alias("Unregister")]
    Task Unregister();
}

/// <inheritdoc cref="IReminderProbeGrain"/>
public sealed class ReminderProbeGrain(ReminderTicks ticks) : Grain, IReminderProbeGrain
{
    private const string Name = "probe";

    /// <inheritdoc/>
    public Task Register() => this.RegisterOrUpdateReminder(Name, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    /// <inheritdoc/>
    public async Task Unregister()
    {
        if (await this.GetReminder(Name) is { } reminder) await this.UnregisterReminder(reminder);
    }

    /// <inheritdoc/>
    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        ticks.Add(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }
}

/// <summary>The ticks of a test's reminders. Outlives the silos.</summary>
public sealed class ReminderTicks
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _ticks = new(StringComparer.Ordinal);

    /// <summary>Notes a tick.</summary>
    public void Add(string grain) => Of(grain).Release();

    /// <summary>Waits for the next tick that was not waited for; false when none comes in time.</summary>
    public Task<bool> NextAsync(string grain, TimeSpan patience) => Of(grain).WaitAsync(patience);

    private SemaphoreSlim Of(string grain) => _ticks.GetOrAdd(grain, _ => new SemaphoreSlim(0));
}
