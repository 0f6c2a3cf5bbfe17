using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>What the runtime knows of one method of a grain interface.</summary>
internal abstract class GrainMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> s_methods = new();

    private readonly MethodInvoker _invoker;

    protected GrainMethod(MethodInfo method)
    {
        Name = $"{method.DeclaringType}.{method.Name}";
        _invoker = MethodInvoker.Create(method);
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        TokenIndex = Array.FindIndex(method.GetParameters(), static parameter => parameter.ParameterType == typeof(CancellationToken));
    }

    public string Name { get; }

    public bool AlwaysInterleave { get; }

    public bool ReadOnly { get; }

    public TimeSpan? ResponseTimeout { get; }

    /// <summary>The position of the cancellation token among the parameters; -1 if there is none.</summary>
    public int TokenIndex { get; }

    public static GrainMethod Of(MethodInfo method) => s_methods.GetOrAdd(method, Create);

    /// <summary>Sends a call and returns what the interface method returns.</summary>
    public abstract object Send(ICallSender sender, GrainId grainId, object?[] arguments);

    /// <summary>Starts the method on a grain instance.</summary>
    public object? Invoke(object instance, object?[] arguments) => _invoker.Invoke(instance, arguments.AsSpan());

    private static GrainMethod Create(MethodInfo method)
    {
        var returns = method.ReturnType;
        if (!method.IsGenericMethod && !Array.Exists(method.GetParameters(), static parameter => parameter.ParameterType.IsByRef))
        {
            if (returns == typeof(Task)) return new Returning<VoidResult>(method, static call => call.Task, static result => (Task)result!);
            if (returns == typeof(ValueTask)) return new Returning<VoidResult>(method, static call => new ValueTask(call.Task), static result => ((ValueTask)result!).AsTask());
            if (returns.IsGenericType)
            {
                var open = returns.GetGenericTypeDefinition();
                if (open == typeof(Task<>) || open == typeof(ValueTask<>))
                {
                    var factory = typeof(GrainMethod).GetMethod(open == typeof(Task<>) ? nameof(OfTask) : nameof(OfValueTask), BindingFlags.NonPublic | BindingFlags.Static)!;
                    return (GrainMethod)factory.MakeGenericMethod(returns.GetGenericArguments()).Invoke(null, [method])!;
                }
            }
        }

        throw new NotSupportedException(
            $"{method.DeclaringType}.{method.Name} cannot be a method of a grain interface: it must return Task, Task<T>, ValueTask or ValueTask<T> and have no type parameters and no ref or out parameters.");
    }

    private static Returning<T> OfTask<T>(MethodInfo method) =>
        new(method, static call => call.Task, static result => (Task<T>)result!);

    private static Returning<T> OfValueTask<T>(MethodInfo method) =>
        new(method, static call => new ValueTask<T>(call.Task), static result => ((ValueTask<T>)result!).AsTask());

    /// <summary>The result of a method without one.</summary>
    private readonly struct VoidResult;

    private sealed class Returning<T>(MethodInfo method, Func<Call<T>, object> toCaller, Func<object?, Task> fromGrain) : GrainMethod(method)
    {
        public override object Send(ICallSender sender, GrainId grainId, object?[] arguments)
        {
            var call = new Call<T>(this, sender, grainId, arguments, fromGrain);
            call.Send();
            return toCaller(call);
        }
    }
}
