using System.Globalization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Reviews;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Reviews;
using Grainflow.Storage.Steps;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Runs one attempt at a node: charges for it, finds its credentials, runs the block and reports the outputs and the end (contract: semantics 2.10; DESIGN
/// sections 5 and 6).
/// </summary>
internal sealed partial class NodeRunner(
    IBlockRegistry registry, BlockServices services, BlockPool pool, SiloLoads loads, ComputingPool computingPool, SubAgentRunner subAgents, NodeCharges charges, PartialTexts partials,
    GrainCallRetry calls, IReviewStore reviews, INodeStepStore steps, ExecutionMetrics metrics, BillingMetrics billing, IOptions<GrainflowOptions> options, Draining draining, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<NodeRunner> logger)
{
    /// <summary>
    /// How long an attempt tries, while the process stops, to report that it is interrupted. The host's own shutdown time-out may end it earlier.
    /// </summary>
    private static readonly TimeSpan InterruptLimit = TimeSpan.FromSeconds(5);

    private CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Runs an attempt to its end. Does not throw: every failure is reported to the run, or logged when the run cannot be reached.</summary>
    public async Task RunAsync(NodeAttempt attempt)
    {
        // On the thread pool: a block may compute, and a block on the grain's scheduler would delay the call that cancels it.
        await Task.Run(() => RunDetachedAsync(attempt));
    }

    private async Task RunDetachedAsync(NodeAttempt attempt)
    {
        var work = attempt.Work;
        var block = registry.FindBlock(work.BlockId)?.Definition.Name ?? "unknown";
        using var span = NodeSpans.Begin(work, attempt.NodeExecutionId, block);
        var reporter = new NodeReporter(attempt, calls, options.Value.RunLimits);
        var journal = new NodeSteps(steps, attempt.NodeExecutionId, calls, clock);
        var started = clock.GetTimestamp();
        // A block that is still running when the process ends would end with it, and the run would count the attempt as lost.
        using var stop = Stopping.UnsafeRegister(static interrupted => ((NodeAttempt)interrupted!).Interrupt(), attempt);
        // While the silo drains, only blocks that have begun go on.
        using var drain = draining.Begun.UnsafeRegister(static interrupted => ((NodeAttempt)interrupted!).InterruptUnlessBegun(), attempt);
        try
        {
            if (work.Repeated) await reporter.RequireCurrentAsync(Stopping);
            var end = await RunToEndAsync(attempt, reporter, journal);
            end = await SettleAsync(attempt, end, reporter.OutputSize);
            var seconds = clock.GetElapsedTime(started).TotalSeconds;
            end = await reporter.EndAsync(end with { Measures = end.Measures with { WallTime = seconds, InputSize = work.Input.Size, OutputSize = reporter.OutputSize } }, Stopping);
            await ForgetAsync(journal, attempt, end);
            metrics.BlockEnded(block, end.Status, seconds, attempt.Providers);
            billing.Spent(block, end.Charged);
            NodeSpans.End(span, end.Status);
        }
        catch (StaleAttemptException)
        {
            AttemptStale(attempt.NodeExecutionId, work.Attempt);
            NodeSpans.EndFailed(span, "STALE");
        }
        catch (OperationCanceledException) when (attempt.IsInterrupted || Stopping.IsCancellationRequested)
        {
            AttemptInterrupted(attempt.NodeExecutionId);
            await ReportInterruptedAsync(attempt, reporter);
            NodeSpans.EndFailed(span, "INTERRUPTED");
        }
        catch (Exception exception)
        {
            AttemptLost(exception, attempt.NodeExecutionId);
            NodeSpans.EndFailed(span, "LOST");
        }
        finally
        {
            attempt.EndBlock();
        }
    }

    /// <summary>Reports that the attempt was interrupted, so that it does not count as lost. When the report fails, the attempt counts as lost.</summary>
    private async Task ReportInterruptedAsync(NodeAttempt attempt, NodeReporter reporter)
    {
        try
        {
            await reporter.InterruptAsync(InterruptLimit);
        }
        catch (Exception exception)
        {
            InterruptionNotReported(exception, attempt.NodeExecutionId);
        }
    }

    /// <summary>Removes the record of a node execution whose end is durable. What a failure leaves behind, a later one removes.</summary>
    private async Task ForgetAsync(NodeSteps journal, NodeAttempt attempt, NodeEndMessage end)
    {
        if (!journal.IsUsed || end.Status == ExecutionStatus.Review.Name()) return;
        try
        {
            await journal.ForgetAsync();
        }
        catch (Exception exception)
        {
            StepsNotForgotten(exception, attempt.NodeExecutionId);
        }
    }

    private async Task<NodeEndMessage> RunToEndAsync(NodeAttempt attempt, NodeReporter reporter, NodeSteps journal)
    {
        long? charged = null;
        var tools = new ToolRuns(this, attempt, clock, options.Value.CancelGrace);
        var use = new CredentialUse("block") { RunId = attempt.Work.RunId, NodeExecutionId = attempt.NodeExecutionId };
        await using var leases = new BlockLeases(services.Credentials, attempt.Work.UserId, use, attempt.CancelWithoutCredentials, attempt.Cancelled);
        try
        {
            attempt.Cancelled.ThrowIfCancellationRequested();
            var block = registry.FindBlock(attempt.Work.BlockId)
                ?? throw new InvalidOperationException($"Block {attempt.Work.BlockId} is not known here.");
            if (attempt.Work.IsDryRun) block = SimulatedBlock.InPlaceOf(block);
            if (attempt.Work.Price > 0) attempt.Price = Prices.Match(block.Definition, JsonValues.ParseUtf8(attempt.Work.Input.Memory.Span));
            var spent = await charges.TakeAsync(attempt, block.Definition, attempt.Price);
            if (!spent.Paid) return UnpaidNodes.End(attempt.Work, spent);
            var paid = spent.Charged;
            charged = paid;

            if (block.Definition is { Kind: BlockKind.Agent, AcceptsAnyPin: false })
            {
                await reporter.BeginAsync(Stopping);
                attempt.BlockStarted = clock.GetTimestamp();
                return await subAgents.RunAsync(attempt, reporter, paid, Stopping);
            }

            // A block that only computes cannot wait for a review.
            if (block is IComputingBlock computing && !attempt.Work.AsksForReview)
            {
                attempt.BeginBlock(draining);
                await BeginAsync(attempt, reporter);
                attempt.LimitTo(options.Value.BlockTimeLimit);
                await ComputeAsync(attempt, computing, reporter);
                return End(ExecutionStatus.Completed, null, paid, attempt.Usage);
            }

            using var partial = partials.Of(attempt);
            var context = await ContextAsync(attempt, block.Definition, leases, tools, journal, partial);
            attempt.Usage = context.Usage;
            // A tool has the place of the node that waits for it.
            var entering = block.Definition.Waits || attempt.Parent is not null ? BlockPool.Beside : pool.EnterAsync(attempt.Work.UserId, attempt.Cancelled);
            // From here on the pool itself counts the node.
            loads.Arrived(attempt.NodeExecutionId);
            using (await entering.WaitAsync(attempt.Abandoned))
            {
                attempt.BeginBlock(draining);
                await BeginAsync(attempt, reporter);
                if (!block.Definition.Waits) attempt.LimitTo(options.Value.BlockTimeLimit);
                await StreamAsync(attempt, block, context, reporter, leases);
            }

            return End(context.InReview ? ExecutionStatus.Review : ExecutionStatus.Completed, null, paid, attempt.Usage);
        }
        catch (Exception exception) when (exception is not StaleAttemptException && attempt.Cancelled.IsCancellationRequested)
        {
            // Whatever exception a block throws after its cancellation, the node execution is TERMINATED and not FAILED (contract: semantics 2.11).
            if (attempt.HasLostCredentials)
                return End(ExecutionStatus.Failed, "The credentials of the block were deleted while it used them; it was stopped.", charged ?? await charges.FindAsync(attempt, Stopping), attempt.Usage);
            return attempt.TimedOut
                ? End(ExecutionStatus.Failed, $"The block did not end within {Shown(options.Value.BlockTimeLimit)} and was stopped.", charged ?? await charges.FindAsync(attempt, Stopping), attempt.Usage)
                : End(ExecutionStatus.Terminated, null, charged ?? await charges.FindAsync(attempt, Stopping), attempt.Usage);
        }
        catch (Exception exception) when (exception is not StaleAttemptException && !(exception is OperationCanceledException && (attempt.IsInterrupted || Stopping.IsCancellationRequested)))
        {
            if (tools.IsInterrupted) throw new OperationCanceledException("A tool of the node was interrupted.", exception);
            if (exception is BlockFailedException { Kind: BlockFailureKind.Output } refused)
                reporter.Warn(RunWarnings.Of([RunWarning.Refused(refused.Pin is { } pin ? [pin] : [], 1, JsonValues.CleanText(refused.Reason))]));
            var error = JsonValues.CleanText(exception.Message is { Length: > 0 } message ? message : exception.GetType().Name);
            // A tool that cannot be paid ends the run, as a node does.
            if (tools.Unpaid is { } unpaid) return End(ExecutionStatus.Failed, error, charged ?? 0, attempt.Usage) with { OutOfCredits = unpaid.OutOfCredits, OverBudget = unpaid.OverBudget };
            return End(ExecutionStatus.Failed, error, charged ?? await charges.FindAsync(attempt, Stopping), attempt.Usage);
        }
    }

    /// <summary>Records the begin of the block. The block must not start when this throws: the attempt is stale, or it was cancelled meanwhile.</summary>
    private async Task BeginAsync(NodeAttempt attempt, NodeReporter reporter)
    {
        await reporter.BeginAsync(Stopping);
        attempt.Cancelled.ThrowIfCancellationRequested();
        attempt.BlockStarted = clock.GetTimestamp();
    }

    /// <summary>
    /// Settles a price that depends on what the block has used, before the end is reported: an attempt that is lost in between is repeated, and its settlement
    /// changes nothing then.
    /// </summary>
    private async Task<NodeEndMessage> SettleAsync(NodeAttempt attempt, NodeEndMessage end, long outputSize)
    {
        // The same node execution goes on after its review.
        if (attempt.Price is not { IsMetered: true } price || (end.Charged == 0 && (end.OutOfCredits || end.OverBudget)) || end.Status == ExecutionStatus.Review.Name()) return end;
        var use = new BlockUse();
        if (attempt.BlockStarted is { } started)
        {
            use = new BlockUse
            {
                Seconds = (decimal)clock.GetElapsedTime(started).TotalSeconds,
                Bytes = attempt.Work.Input.Size + outputSize,
                Items = attempt.Usage.Items,
                CostUsd = attempt.Usage.CostUsd,
                InputTokens = attempt.Usage.InputTokens,
                OutputTokens = attempt.Usage.OutputTokens,
            };
        }

        return end with { Charged = await charges.SettleAsync(attempt, price, end.Charged, use, Stopping) };
    }

    private async Task<BlockContext> ContextAsync(NodeAttempt attempt, BlockDefinition block, BlockLeases leases, ToolRuns tools, NodeSteps journal, PartialText? partial)
    {
        var work = attempt.Work;
        var credentials = await leases.AcquireAsync(block, work.Input);
        attempt.Providers = [.. credentials.Values.Select(credential => credential.Provider)];
        return new BlockContext
        {
            UserId = work.UserId,
            GraphId = work.GraphId.ToString(),
            GraphVersion = work.GraphVersion,
            RunId = work.RunId.ToString(),
            NodeId = work.NodeId,
            NodeExecutionId = attempt.NodeExecutionId.ToString(),
            Clock = services.Clock,
            UserTimeZone = work.UserTimeZone,
            Http = services.Http,
            Streams = services.Streams,
            Integrations = services.Integrations,
            Models = services.Models,
            Files = services.Files(work.RunId, work.UserId),
            Credentials = credentials,
            Reviews = work.AsksForReview ? new NodeReviews(reviews, work, attempt.NodeExecutionId, clock) : null,
            KeyValues = services.KeyValues(work.UserId),
            Library = services.Library(work.UserId),
            Store = services.Store,
            Tools = ToolNodes.Read(work.Tools, registry),
            ToolRuns = tools,
            Steps = journal,
            Partial = partial,
        };
    }

    /// <summary>Runs a block that computes, in the computing pool.</summary>
    private async Task ComputeAsync(NodeAttempt attempt, IComputingBlock block, NodeReporter reporter)
    {
        var work = attempt.Work;
        var context = new ComputationContext
        {
            UserId = work.UserId,
            GraphId = work.GraphId.ToString(),
            GraphVersion = work.GraphVersion,
            RunId = work.RunId.ToString(),
            NodeId = work.NodeId,
            NodeExecutionId = attempt.NodeExecutionId.ToString(),
            Clock = services.Clock,
            UserTimeZone = work.UserTimeZone,
        };
        await foreach (var batch in new ComputedOutputs(computingPool, block, work.Input, context).ReadAsync(attempt.Abandoned, attempt.Cancelled))
        {
            foreach (var output in batch.Outputs) reporter.Add(output.Pin, output.Value);
            // The last outputs and the end are sent in one report.
            if (batch.More && reporter.HasOutputs) await reporter.FlushAsync(Stopping);
        }
    }

    /// <summary>Runs a block that waits for input and output, on the thread pool.</summary>
    private async Task StreamAsync(NodeAttempt attempt, IBlock block, BlockContext context, NodeReporter reporter, BlockLeases leases)
    {
        var input = JsonValues.ParseUtf8(attempt.Work.Input.Memory.Span);
        var outputs = BlockRunner.RunAsync(block, input, context, attempt.Cancelled).GetAsyncEnumerator(attempt.Cancelled);
        var next = Task.FromResult(true);
        try
        {
            while (true)
            {
                next = outputs.MoveNextAsync().AsTask();
                // The outputs so far are reported while the block works on its next one.
                if (!next.IsCompleted && reporter.HasOutputs) await reporter.FlushAsync(Stopping);
                if (!await next.WaitAsync(attempt.Abandoned)) break;
                reporter.Add(outputs.Current.Pin, JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Clean(outputs.Current.Value))));
                if (reporter.IsFull) await reporter.FlushAsync(Stopping);
            }
        }
        finally
        {
            if (next.IsCompleted) await outputs.DisposeAsync();
            else leases.KeepUntilEnd(AwaitAbandonedAsync(next, outputs));
        }
    }

    /// <summary>Counts an abandoned block until it ends. It does not occupy a place in the pool any more.</summary>
    private async Task AwaitAbandonedAsync(Task<bool> next, IAsyncEnumerator<BlockOutput> outputs)
    {
        metrics.BlockAbandoned();
        // Its exception is ignored: the node execution has ended without it.
        await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        metrics.AbandonedBlockEnded();
        await outputs.DisposeAsync();
    }

    private static string Shown(TimeSpan limit) => limit == TimeSpan.FromMinutes(1) ? "1 minute" : string.Create(CultureInfo.InvariantCulture, $"{limit.TotalMinutes} minutes");

    private static NodeEndMessage End(ExecutionStatus status, string? error, long charged, BlockUsage usage) => new()
    {
        Status = status.Name(),
        Error = error,
        Charged = charged,
        Measures = new NodeMeasures
        {
            LlmCalls = usage.LlmCalls,
            LlmRetries = usage.LlmRetries,
            InputTokens = usage.InputTokens,
            OutputTokens = usage.OutputTokens,
            ExtraCost = usage.ExtraCost,
            ExtraSteps = usage.ExtraSteps,
            ContextUsed = usage.ContextUsed,
            ContextMax = usage.ContextMax,
        },
    };

    [LoggerMessage(3050, LogLevel.Warning, "The steps of node execution {NodeExecutionId} could not be removed after its end; those of a later one that ends are removed with them.")]
    private partial void StepsNotForgotten(Exception exception, Guid nodeExecutionId);

    [LoggerMessage(1302, LogLevel.Debug, "Attempt {Attempt} at node execution {NodeExecutionId} is stale.")]
    private partial void AttemptStale(Guid nodeExecutionId, int attempt);

    [LoggerMessage(1303, LogLevel.Information, "Node execution {NodeExecutionId} is interrupted because this silo leaves; it runs again at the next start, or on another silo.")]
    private partial void AttemptInterrupted(Guid nodeExecutionId);

    [LoggerMessage(1306, LogLevel.Warning, "The interruption of node execution {NodeExecutionId} by the stop of this process could not be reported to its run; the attempt counts as lost.")]
    private partial void InterruptionNotReported(Exception exception, Guid nodeExecutionId);

    [LoggerMessage(1304, LogLevel.Error, "Node execution {NodeExecutionId} could not report its end.")]
    private partial void AttemptLost(Exception exception, Guid nodeExecutionId);
}
