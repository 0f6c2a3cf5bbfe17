using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Runs one attempt at a node: charges, finds credentials, runs the block, reports (contract: semantics 2.10; DESIGN
/// sections 5 and 6). Never throws: whatever happens becomes a report, or silence when nobody listens any more.
/// </summary>
internal sealed partial class NodeRunner(
    IBlockRegistry registry, BlockServices surroundings, BlockPool pool, ComputingPool computingPool, SubAgentRunner subAgents, IGrainFactory grains,
    GrainCallRetry calls, ExecutionMetrics metrics, IOptions<GrainflowOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<NodeRunner> logger)
{
    /// <summary>How long the stop of the process is used to tell a run that an attempt is interrupted. Best effort: the host gives up after some time as well.</summary>
    private static readonly TimeSpan InterruptLimit = TimeSpan.FromSeconds(5);

    private CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Runs an attempt to its end.</summary>
    public async Task RunAsync(NodeAttempt attempt)
    {
        // Leaves the grain's scheduler: blocks may compute, and the grain must stay free to be cancelled.
        await Task.Run(() => RunDetachedAsync(attempt));
    }

    private async Task RunDetachedAsync(NodeAttempt attempt)
    {
        var work = attempt.Work;
        var block = registry.FindBlock(work.BlockId)?.Definition.Name ?? "unknown";
        using var span = NodeSpans.Begin(work, attempt.NodeExecutionId, block);
        var reporter = new NodeReporter(attempt, calls, options.Value.RunLimits);
        var started = clock.GetTimestamp();
        // A block that still waits or computes when the process stops would be killed with it, and its attempt would count as lost.
        using var stop = Stopping.UnsafeRegister(static interrupted => ((NodeAttempt)interrupted!).Interrupt(), attempt);
        try
        {
            if (work.Repeated) await reporter.AskAsync(Stopping);
            var end = await RunToEndAsync(attempt, reporter);
            var seconds = clock.GetElapsedTime(started).TotalSeconds;
            end = await reporter.EndAsync(end with { Measures = end.Measures with { WallTime = seconds, InputSize = work.Input.Size, OutputSize = reporter.OutputSize } }, Stopping);
            metrics.BlockEnded(block, end.Status, seconds, attempt.Providers);
            NodeSpans.End(span, end.Status);
        }
        catch (StaleAttemptException)
        {
            AttemptStale(attempt.NodeExecutionId, work.Attempt);
            NodeSpans.Leave(span, "STALE");
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            LeftForNextStart(attempt.NodeExecutionId);
            await TellInterruptedAsync(attempt, reporter);
            NodeSpans.Leave(span, "INTERRUPTED");
        }
        catch (Exception exception)
        {
            AttemptLost(exception, attempt.NodeExecutionId);
            NodeSpans.Leave(span, "LOST");
        }
    }

    /// <summary>Tells the run that the attempt does not count as lost. When that fails, it counts as if the process had died.</summary>
    private async Task TellInterruptedAsync(NodeAttempt attempt, NodeReporter reporter)
    {
        try
        {
            await reporter.InterruptAsync(InterruptLimit);
        }
        catch (Exception exception)
        {
            InterruptionNotTold(exception, attempt.NodeExecutionId);
        }
    }

    private async Task<NodeEndMessage> RunToEndAsync(NodeAttempt attempt, NodeReporter reporter)
    {
        long? charged = null;
        var usage = new BlockUsage();
        try
        {
            attempt.Cancelled.ThrowIfCancellationRequested();
            var block = registry.FindBlock(attempt.Work.BlockId)
                ?? throw new InvalidOperationException($"Block {attempt.Work.BlockId} is not known here.");
            if (await ChargeAsync(attempt, block.Definition) is not { } paid) return OutOfCredits(attempt.Work);
            charged = paid;

            if (block.Definition is { Kind: BlockKind.Agent, AcceptsAnyPin: false }) return await subAgents.RunAsync(attempt, reporter, paid, Stopping);
            if (block is IComputingBlock computing)
            {
                await ComputeAsync(attempt, computing, reporter);
                return End(ExecutionStatus.Completed, null, paid, usage);
            }

            var context = await ContextAsync(attempt, block.Definition);
            usage = context.Usage;
            using (await pool.EnterAsync(attempt.Cancelled).WaitAsync(attempt.Abandoned)) await StreamAsync(attempt, block, context, reporter);
            return End(context.InReview ? ExecutionStatus.Review : ExecutionStatus.Completed, null, paid, usage);
        }
        catch (Exception exception) when (exception is not StaleAttemptException && attempt.Cancelled.IsCancellationRequested)
        {
            // However a block takes its cancellation, it is no failure of its own (contract: semantics 2.11).
            return End(ExecutionStatus.Terminated, null, charged ?? await FindChargeAsync(attempt), usage);
        }
        catch (Exception exception) when (exception is not StaleAttemptException && !(exception is OperationCanceledException && Stopping.IsCancellationRequested))
        {
            var error = JsonValues.CleanText(exception.Message is { Length: > 0 } message ? message : exception.GetType().Name);
            return End(ExecutionStatus.Failed, error, charged ?? await FindChargeAsync(attempt), usage);
        }
    }

    /// <summary>Takes price and fee as one operation whose key is the node execution; null when the wallet cannot pay.</summary>
    private async Task<long?> ChargeAsync(NodeAttempt attempt, BlockDefinition block)
    {
        var work = attempt.Work;
        if (work.Price + work.Fee == 0) return 0;
        var spend = new Spend
        {
            TransactionKey = attempt.NodeExecutionId.ToString(),
            Credits = work.Price + work.Fee,
            Metadata = JsonPayload.Take(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["graph_exec_id"] = work.RunId,
                ["graph_id"] = work.GraphId,
                ["node_exec_id"] = attempt.NodeExecutionId,
                ["node_id"] = work.NodeId,
                ["block_id"] = work.BlockId,
                ["block"] = block.Name,
                ["price"] = work.Price,
                ["fee"] = work.Fee,
                ["reason"] = $"Ran {block.Name}",
            })),
        };
        using var given = CancellationTokenSource.CreateLinkedTokenSource(attempt.Cancelled, attempt.Abandoned);
        var result = await calls.ForEverAsync(() => grains.GetGrain<IUserWalletGrain>(work.UserId).Spend(spend), given.Token);
        return result.Paid ? result.Charged : null;
    }

    /// <summary>
    /// What was charged for a node execution that ends before the wallet has answered: by this attempt or an earlier one. Only asked, because a charge
    /// that is sent again would charge a node which does not run.
    /// </summary>
    private async Task<long> FindChargeAsync(NodeAttempt attempt)
    {
        if (attempt.Work.Price + attempt.Work.Fee == 0) return 0;
        return await calls.ForEverAsync(() => grains.GetGrain<IUserWalletGrain>(attempt.Work.UserId).FindCharge(attempt.NodeExecutionId.ToString()), Stopping);
    }

    private async Task<BlockContext> ContextAsync(NodeAttempt attempt, BlockDefinition block)
    {
        var work = attempt.Work;
        return new BlockContext
        {
            UserId = work.UserId,
            GraphId = work.GraphId.ToString(),
            GraphVersion = work.GraphVersion,
            RunId = work.RunId.ToString(),
            NodeId = work.NodeId,
            NodeExecutionId = attempt.NodeExecutionId.ToString(),
            Clock = surroundings.Clock,
            UserTimeZone = work.UserTimeZone,
            Http = surroundings.Http,
            Models = surroundings.Models,
            Files = surroundings.Files(work.RunId),
            Credentials = await CredentialsAsync(attempt, block),
        };
    }

    private async Task<Dictionary<string, Credential>> CredentialsAsync(NodeAttempt attempt, BlockDefinition block)
    {
        var found = new Dictionary<string, Credential>(StringComparer.Ordinal);
        if (block.Inputs.All(pin => pin.Credentials is null)) return found;
        var input = JsonValues.ParseUtf8(attempt.Work.Input.Memory.Span);
        foreach (var pin in block.Inputs.Where(pin => pin.Credentials is not null))
        {
            if (input.Member(pin.Name)?.Member("id") is not { ValueKind: JsonValueKind.String } id) continue;
            found[pin.Name] = await surroundings.Credentials.FindAsync(attempt.Work.UserId, id.GetString()!, attempt.Cancelled)
                ?? throw new InvalidOperationException($"Credentials #{id.GetString()} of '{pin.Name}' are not found, or their provider is not configured here.");
        }

        attempt.Providers = [.. found.Values.Select(credential => credential.Provider)];
        return found;
    }

    /// <summary>Runs a block that computes, on the threads for such blocks.</summary>
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
            Clock = surroundings.Clock,
            UserTimeZone = work.UserTimeZone,
        };
        await foreach (var batch in new ComputedOutputs(computingPool, block, work.Input, context).ReadAsync(attempt.Abandoned, attempt.Cancelled))
        {
            foreach (var output in batch.Outputs) reporter.Add(output.Pin, output.Value);
            // The last outputs go with the end, in one report.
            if (batch.More && reporter.HasOutputs) await reporter.FlushAsync(Stopping);
        }
    }

    /// <summary>Runs a block that waits for the world.</summary>
    private async Task StreamAsync(NodeAttempt attempt, IBlock block, BlockContext context, NodeReporter reporter)
    {
        var input = JsonValues.ParseUtf8(attempt.Work.Input.Memory.Span);
        var outputs = BlockRunner.RunAsync(block, input, context, attempt.Cancelled).GetAsyncEnumerator(attempt.Cancelled);
        var next = Task.FromResult(true);
        try
        {
            while (true)
            {
                next = outputs.MoveNextAsync().AsTask();
                // While the block works on its next output, the run hears of those before it.
                if (!next.IsCompleted && reporter.HasOutputs) await reporter.FlushAsync(Stopping);
                if (!await next.WaitAsync(attempt.Abandoned)) break;
                reporter.Add(outputs.Current.Pin, JsonPayload.Take(JsonValues.CompactUtf8(JsonValues.Clean(outputs.Current.Value))));
                if (reporter.IsFull) await reporter.FlushAsync(Stopping);
            }
        }
        finally
        {
            if (next.IsCompleted) await outputs.DisposeAsync();
            else _ = AwaitAbandonedAsync(next, outputs);
        }
    }

    /// <summary>Counts a block that was left behind until it ends. It has given its place in the pool to others.</summary>
    private async Task AwaitAbandonedAsync(Task<bool> next, IAsyncEnumerator<BlockOutput> outputs)
    {
        metrics.BlockAbandoned();
        // Its failure is that of a block that nobody waits for any more.
        await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        metrics.AbandonedBlockEnded();
        await outputs.DisposeAsync();
    }

    private static NodeEndMessage OutOfCredits(NodeWork work) => new()
    {
        Status = ExecutionStatus.Failed.Name(),
        Error = $"Insufficient balance of credits: this step costs {work.Price + work.Fee}.",
        OutOfCredits = true,
        Measures = new NodeMeasures(),
    };

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
        },
    };

    [LoggerMessage(1302, LogLevel.Debug, "Attempt {Attempt} at node execution {NodeExecutionId} no longer counts.")]
    private partial void AttemptStale(Guid nodeExecutionId, int attempt);

    [LoggerMessage(1303, LogLevel.Information, "Node execution {NodeExecutionId} is interrupted by the stop of this process; the next start runs it again.")]
    private partial void LeftForNextStart(Guid nodeExecutionId);

    [LoggerMessage(1306, LogLevel.Warning, "The run of node execution {NodeExecutionId} could not be told that the stop of this process interrupts it; the attempt counts as lost.")]
    private partial void InterruptionNotTold(Exception exception, Guid nodeExecutionId);

    [LoggerMessage(1304, LogLevel.Error, "Node execution {NodeExecutionId} could not report its end.")]
    private partial void AttemptLost(Exception exception, Guid nodeExecutionId);
}
