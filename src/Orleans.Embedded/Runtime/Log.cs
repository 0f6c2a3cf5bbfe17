using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>What the runtime writes to the log.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Activation of grain {GrainId} failed.")]
    public static partial void ActivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(2, LogLevel.Error, "Grain {GrainId} failed while it was deactivated.")]
    public static partial void DeactivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(3, LogLevel.Warning, "A timer callback of grain {GrainId} failed. The timer goes on.")]
    public static partial void TickFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(4, LogLevel.Warning, "Code registered on a cancellation token of grain {GrainId} failed.")]
    public static partial void CancellationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(5, LogLevel.Information, "Silo {Silo} of service {ServiceId} started.")]
    public static partial void Started(ILogger logger, string silo, string serviceId);

    [LoggerMessage(6, LogLevel.Information, "Silo {Silo} stopped.")]
    public static partial void Stopped(ILogger logger, string silo);

    [LoggerMessage(7, LogLevel.Warning, "Silo {Silo} stopped before {Count} activations had ended.")]
    public static partial void StoppedEarly(ILogger logger, string silo, int count);

    [LoggerMessage(8, LogLevel.Information, "Grain storage {Name} of service {ServiceId} is ready.")]
    public static partial void StorageReady(ILogger logger, string name, string serviceId);
}
