namespace Grainflow.Blocks.Tests.Http;

/// <summary>A clock whose timers fire when the test calls <see cref="FireAll"/>, and only then.</summary>
internal sealed class ManualTimers : TimeProvider
{
    private readonly List<Action> _due = [];

    public void FireAll() => _due.ForEach(callback => callback());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _due.Add(() => callback(state));
        return new Timer();
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
