using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Makes a call again when its outcome is not known: a time-out, a database that is away, an activation that was thrown
/// away. Only for calls that may be made twice.
/// </summary>
internal sealed partial class GrainCallRetry
{
    /// <summary>About four minutes; then it is the node that fails, with the last reason.</summary>
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

    /// <summary>Calls until there is an answer, for some minutes.</summary>
    public ValueTask<T> BoundedAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        _bounded.ExecuteAsync(async _ => await call(), cancellationToken);

    /// <summary>Calls until there is an answer. The first call does not go through the pipeline, which nearly all of them do not need.</summary>
    public async ValueTask<T> ForEverAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ExceptionDispatchInfo? first;
        try
        {
            return await call();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            first = ExceptionDispatchInfo.Capture(exception);
        }

        // The pipeline is given the failure of the first call as its own first, so that it waits and counts as if it had made it.
        return await _forEver.ExecuteAsync(
            async _ =>
            {
                Interlocked.Exchange(ref first, null)?.Throw();
                return await call();
            },
            cancellationToken);
    }

    private ResiliencePipeline Pipeline(TimeProvider clock, int attempts) => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(exception => exception is not OperationCanceledException),
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
