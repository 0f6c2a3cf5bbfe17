namespace Orleans.Embedded.Tests.Grains;

public interface ITimedGrain : IGrainWithStringKey
{
    Task Start(string name, TimeSpan dueTime, TimeSpan period, bool interleave);

    Task StartFailing(string name, TimeSpan period);

    Task StartBlocking(string name, TimeSpan period);

    Task StartWithState(string name, TimeSpan dueTime);

    Task StartCancellable(string name, TimeSpan dueTime);

    Task StartChangingItself(string name, TimeSpan dueTime, TimeSpan next);

    Task Change(TimeSpan dueTime, TimeSpan period);

    Task Stop();

    Task Hold(string name);

    Task End();
}
