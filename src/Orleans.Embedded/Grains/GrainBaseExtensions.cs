namespace Orleans;

/// <summary>Timers and deactivation for grain classes.</summary>
public static class GrainBaseExtensions
{
    /// <summary>Deactivates the activation as soon as its running requests have ended. Waiting requests go to a new activation.</summary>
    /// <param name="grain">The grain.</param>
    public static void DeactivateOnIdle(this IGrainBase grain) =>
        grain.GrainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick. Its token is cancelled when the timer is disposed or the activation ends.</param>
    /// <param name="options">When it ticks and how.</param>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, callback, options);
    }

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick. Its token is cancelled when the timer is disposed or the activation ends.</param>
    /// <param name="dueTime">From now to the first tick.</param>
    /// <param name="period">From the end of a callback to the next tick.</param>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, callback, new GrainTimerCreationOptions(dueTime, period));
    }

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick.</param>
    /// <param name="options">When it ticks and how.</param>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, _ => callback(), options);
    }

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick.</param>
    /// <param name="dueTime">From now to the first tick.</param>
    /// <param name="period">From the end of a callback to the next tick.</param>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, _ => callback(), new GrainTimerCreationOptions(dueTime, period));
    }

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <typeparam name="TState">What the callback gets.</typeparam>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick. Its token is cancelled when the timer is disposed or the activation ends.</param>
    /// <param name="state">What the callback gets.</param>
    /// <param name="options">When it ticks and how.</param>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, token => callback(state, token), options);
    }

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <typeparam name="TState">What the callback gets.</typeparam>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick. Its token is cancelled when the timer is disposed or the activation ends.</param>
    /// <param name="state">What the callback gets.</param>
    /// <param name="dueTime">From now to the first tick.</param>
    /// <param name="period">From the end of a callback to the next tick.</param>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, token => callback(state, token), new GrainTimerCreationOptions(dueTime, period));
    }

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <typeparam name="TState">What the callback gets.</typeparam>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick.</param>
    /// <param name="state">What the callback gets.</param>
    /// <param name="options">When it ticks and how.</param>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, _ => callback(state), options);
    }

    /// <summary>Starts a timer whose ticks run as turns of the grain. A callback that throws is logged and the timer goes on.</summary>
    /// <typeparam name="TState">What the callback gets.</typeparam>
    /// <param name="grain">The grain; the call must come from inside of it.</param>
    /// <param name="callback">Runs at each tick.</param>
    /// <param name="state">What the callback gets.</param>
    /// <param name="dueTime">From now to the first tick.</param>
    /// <param name="period">From the end of a callback to the next tick.</param>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, Task> callback, TState state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return GrainTimer.Register(grain, _ => callback(state), new GrainTimerCreationOptions(dueTime, period));
    }
}
