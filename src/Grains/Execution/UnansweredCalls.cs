using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Makes a call again when its outcome is not known: a time-out, a database that is away, an activation that was thrown
/// away. Only for calls that may be made twice.
/// </summary>
internal sealed partial class UnansweredCalls
{
    /// <summary>About four minutes; then it is the node that fails, with the last reason.</summary>
    private const int Attempts = 50;

    private readonly ResiliencePipeline _bounded;
    private readonly ResiliencePipeline _forEver;
    private readonly ILogger<UnansweredCalls> _logger;

    public UnansweredCalls(TimeProvider clock, ILogger<UnansweredCalls> logger)
    {
        _logger = logger;
        _bounded = Pipeline(clock, Attempts);
        _forEver = Pipeline(clock, int.MaxValue);
    }

    /// <summary>Calls until there is an answer, for some minutes.</summary>
    public Task<T> BoundedAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) => AnswerAsync(_bounded, call, cancellationToken);

    /// <summary>Calls until there is an answer.</summary>
    public Task<T> ForEverAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) => AnswerAsync(_forEver, call, cancellationToken);

    /// <summary>Almost every call is answered at once: the means of repeating it come into play only when it is not.</summary>
    private static async Task<T> AnswerAsync<T>(ResiliencePipeline pipeline, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<T>? first = OnceAsync();
        await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (first.IsCompletedSuccessfully) return await first;
        return await pipeline.ExecuteAsync(
            async _ =>
            {
                var answer = first ?? OnceAsync();
                first = null;
                return await answer;
            },
            cancellationToken);

        // A call may also fail before there is a task.
        async Task<T> OnceAsync() => await call();
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
