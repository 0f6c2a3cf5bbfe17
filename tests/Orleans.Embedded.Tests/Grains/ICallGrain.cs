namespace Orleans.Embedded.Tests.Grains;

public interface ICallGrain : IGrainWithStringKey
{
    Task<string> Echo(string text);

    ValueTask<int> Add(int left, int right);

    Task Note(string what);

    ValueTask NoteQuietly(string what);

    Task<object> SameObject(object value);

    Task<string> Stack();

    Task<string?> AmbientValue();

    Task<bool> ComesBackAfterAwait();

    Task Throw(string message);

    Task ThrowAtOnce(string message);

    Task<string> NullTask();

    Task Hold(string name);

    Task<int> HoldAndReturn(string name);

    [ResponseTimeout("00:00:05")]
    Task HoldBriefly(string name);

    Task<bool> HoldWithToken(string name, CancellationToken token);

    Task<bool> HasToken(CancellationToken token);

    Task ThrowWhenCancelled(string name, CancellationToken token);

    Task<string> SelfCall();

    Task<Guid> Identity();
}
