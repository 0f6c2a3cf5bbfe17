using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Repeats a grain call whose outcome is not known, because of a time-out, an unreachable database or a lost activation. Only for calls that are idempotent.
/// A cancellation that the caller did not ask for is such an outcome too: Orleans ends a call so when its grain cannot be entered into the directory in time.
/// </summary>
internal sealed partial class GrainCallRetry
{
    /// <summary>Takes about four minutes. After that the caller gets the last exception, and its node fails with it.</summary>
    private const int Attempts = 50;

    private readonly ResiliencePipeline _bounded;
    private readonly ResiliencePipeline _forEver;
    private readonly ILogger<GrainCallRetry> _logger;

    public GrainCallRetry(TimeProvider clock, ILogger<GrainCallRetry> logger)
    {
        _logger = logger;
        _bounded = Pipeline(clock, Attempts);
        _forEver = Pipeline(clock, int.MaxValue);
    }

    /// <summary>Calls until there is an answer, at most for about four minutes.</summary>
    public ValueTask<T> BoundedAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        _bounded.ExecuteAsync(async _ => await call(), cancellationToken);

    /// <summary>Calls until there is an answer. The first call bypasses the retry pipeline, because nearly all calls succeed at once.</summary>
    public async ValueTask<T> ForEverAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ExceptionDispatchInfo? first;
        try
        {
            return await call();
        }
        catch (Exception exception) when (MayBeRepeated(exception, cancellationToken))
        {
            first = ExceptionDispatchInfo.Capture(exception);
        }

        // The pipeline's first attempt rethrows the exception of that call, so that delays and attempt numbers are those of a call through the pipeline.
        return await _forEver.ExecuteAsync(
            async _ =>
            {
                Interlocked.Exchange(ref first, null)?.Throw();
                return await call();
            },
            cancellationToken);
    }

    private static bool MayBeRepeated(Exception exception, CancellationToken cancellationToken) =>
        exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested;

    private ResiliencePipeline Pipeline(TimeProvider clock, int attempts) => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = call => new ValueTask<bool>(call.Outcome.Exception is { } exception && MayBeRepeated(exception, call.Context.CancellationToken)),
            MaxRetryAttempts = attempts,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(5),
            OnRetry = retry =>
            {
                CallRepeated(retry.Outcome.Exception!, retry.AttemptNumber + 1);
                return default;
            },
        })
        .Build();

    [LoggerMessage(1305, LogLevel.Warning, "A call was not answered; attempt {Attempt} follows.")]
    private partial void CallRepeated(Exception exception, int attempt);
}
