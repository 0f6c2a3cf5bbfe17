using Orleans.Embedded.Tests.Support;
using Orleans.Runtime;

namespace Orleans.Embedded.Tests.Grains;

public sealed class TimedGrain(Probe probe) : Grain, ITimedGrain
{
    private IGrainTimer? _timer;

    public Task Start(string name, TimeSpan dueTime, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            _ =>
            {
                probe.Happened(TaskScheduler.Current == TaskScheduler.Default ? $"{name} outside" : name);
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(dueTime, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartFailing(string name, TimeSpan period)
    {
        this.RegisterGrainTimer(
            () =>
            {
                probe.Happened(name);
                throw new InvalidTimeZoneException("tick");
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public Task StartBlocking(string name, TimeSpan period)
    {
        this.RegisterGrainTimer(
            async () =>
            {
                probe.Happened($"{name} started");
                await probe.Opened(name);
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public Task StartWithState(string name, TimeSpan dueTime)
    {
        this.RegisterGrainTimer(
            static (state, _) =>
            {
                state.probe.Happened(state.name);
                return Task.CompletedTask;
            },
            (probe, name),
            dueTime,
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StartCancellable(string name, TimeSpan dueTime)
    {
        this.RegisterGrainTimer(
            async token =>
            {
                probe.Happened($"{name} started");
                try
                {
                    await new TaskCompletionSource().Task.WaitAsync(token);
                }
                catch (OperationCanceledException)
                {
                    probe.Happened($"{name} cancelled");
                }
            },
            new GrainTimerCreationOptions(dueTime, Timeout.InfiniteTimeSpan) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task StartChangingItself(string name, TimeSpan dueTime, TimeSpan next)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                probe.Happened(name);
                _timer!.Change(next, Timeout.InfiniteTimeSpan);
                return Task.CompletedTask;
            },
            dueTime,
            TimeSpan.FromDays(1));
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task Hold(string name)
    {
        probe.Happened($"{name} started");
        return probe.Opened(name);
    }

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
