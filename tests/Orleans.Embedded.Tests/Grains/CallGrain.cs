using System.Diagnostics;
using Orleans.Embedded.Tests.Support;

namespace Orleans.Embedded.Tests.Grains;

public sealed class CallGrain(Probe probe) : Grain, ICallGrain
{
    public static readonly AsyncLocal<string?> Ambient = new();

    private readonly Guid _identity = Guid.NewGuid();

    public Task<string> Echo(string text) => Task.FromResult(text);

    public ValueTask<int> Add(int left, int right) => ValueTask.FromResult(left + right);

    public Task Note(string what)
    {
        probe.Happened(what);
        return Task.CompletedTask;
    }

    public ValueTask NoteQuietly(string what)
    {
        probe.Happened(what);
        return ValueTask.CompletedTask;
    }

    public Task<object> SameObject(object value) => Task.FromResult(value);

    public Task<string> Stack() => Task.FromResult(new StackTrace().ToString());

    public Task<string?> AmbientValue() => Task.FromResult(Ambient.Value);

    public async Task<bool> ComesBackAfterAwait()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        var afterYield = TaskScheduler.Current;
        await Task.Run(static () => { });
        return scheduler != TaskScheduler.Default && scheduler == afterYield && scheduler == TaskScheduler.Current;
    }

    public async Task Throw(string message)
    {
        await Task.Yield();
        throw new InvalidTimeZoneException(message);
    }

    public Task ThrowAtOnce(string message) => throw new InvalidTimeZoneException(message);

#pragma warning disable MA0022, VSTHRD114 // The mistake is what the test is about.
    public Task<string> NullTask() => null!;
#pragma warning restore MA0022, VSTHRD114

    public async Task Hold(string name)
    {
        probe.Happened($"{name} started");
        await probe.Opened(name);
        probe.Happened($"{name} ended");
    }

    public async Task<int> HoldAndReturn(string name)
    {
        await Hold(name);
        return name.Length;
    }

    public Task HoldBriefly(string name) => Hold(name);

    public async Task<bool> HoldWithToken(string name, CancellationToken token)
    {
        probe.Happened($"{name} started");
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(() =>
        {
            probe.Happened(TaskScheduler.Current == TaskScheduler.Default ? $"{name} cancelled outside" : $"{name} cancelled as a turn");
            cancelled.SetResult();
        });
        await cancelled.Task;
        return token.IsCancellationRequested;
    }

    public Task<bool> HasToken(CancellationToken token) => Task.FromResult(token.CanBeCanceled);

    public async Task ThrowWhenCancelled(string name, CancellationToken token)
    {
        probe.Happened($"{name} started");
        await new TaskCompletionSource().Task.WaitAsync(token);
    }

    public Task<string> SelfCall() => this.AsReference<ICallGrain>().Echo("self");

    public Task<Guid> Identity() => Task.FromResult(_identity);
}
