using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.CrashPoints;

/// <summary>
/// An implementation of an interface each of whose methods passes the point before and the point after it. A new method has both without further code.
/// </summary>
#pragma warning disable CA1852 // DispatchProxy derives from it.
internal class Watched : DispatchProxy
#pragma warning restore CA1852
{
    private static readonly MethodInfo OfTask = typeof(Watched).GetMethod(nameof(AfterResultAsync), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo OfStream = typeof(Watched).GetMethod(nameof(AfterAllAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private Type _type = null!;
    private object _inner = null!;
    private Action<string, bool> _pass = null!;

    /// <summary>Wraps an implementation.</summary>
    /// <param name="inner">Does the work.</param>
    /// <param name="pass">Called with the name of a step, before it (false) and after it (true); throws when the silo was cut off.</param>
    public static T Of<T>(T inner, Action<string, bool> pass)
        where T : class => (T)Of(typeof(T), inner, pass);

    /// <inheritdoc cref="Of{T}"/>
    /// <param name="type">The interface.</param>
    /// <param name="inner">Does the work.</param>
    /// <param name="pass">As above.</param>
    public static object Of(Type type, object inner, Action<string, bool> pass)
    {
        var proxy = Create(type, typeof(Watched));
        ((Watched)proxy)._type = type;
        ((Watched)proxy)._inner = inner;
        ((Watched)proxy)._pass = pass;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var steps = StepsOf(targetMethod!, args!);
        Pass(steps, after: false);
        object? result;
        try
        {
            result = targetMethod!.Invoke(_inner, args);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }

        Action after = () => Pass(steps, after: true);
        switch (result)
        {
            case LogAppend append:
                return new LogAppend(append.IsFree, AfterResultAsync(append.Committed, after));
            case Task when targetMethod.ReturnType.IsGenericType:
                return OfTask.MakeGenericMethod(targetMethod.ReturnType.GenericTypeArguments).Invoke(null, [result, after]);
            case Task task:
                return AfterAsync(task, after);
            default:
                if (targetMethod.ReturnType.IsGenericType && targetMethod.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
                    return OfStream.MakeGenericMethod(targetMethod.ReturnType.GenericTypeArguments).Invoke(null, [result, after, CancellationToken.None]);
                after();
                return result;
        }
    }

    /// <summary>A commit is as many steps as it has kinds of events, and a transaction of a ledger as it has kinds of rows.</summary>
    private List<string> StepsOf(MethodInfo method, object?[] args)
    {
        var name = $"{_type.Name}.{method.Name}";
        return args switch
        {
            [RunCommit commit, ..] => [.. commit.Events.Select(logged => $"{name} {logged.Kind}").Distinct()],
            [IReadOnlyList<WalletOperations> wallets, ..] => [.. wallets.SelectMany(wallet => wallet.Operations).Select(operation => $"{name} {operation.Type}").Distinct()],
            _ => [name],
        };
    }

    private void Pass(List<string> steps, bool after)
    {
        foreach (var step in steps) _pass(step, after);
    }

    private static async Task AfterAsync(Task task, Action after)
    {
        await task;
        after();
    }

    private static async Task<T> AfterResultAsync<T>(Task<T> task, Action after)
    {
        var result = await task;
        after();
        return result;
    }

    private static async IAsyncEnumerable<T> AfterAllAsync<T>(IAsyncEnumerable<T> items, Action after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken)) yield return item;
        after();
    }
}
