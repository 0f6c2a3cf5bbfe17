using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Catalogue;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Telemetry;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Grains.Catalogue;

/// <summary>
/// Executes a block outside of any graph (contract: semantics 2.16, upstream 2b; ADR 0036). The order is that of a node: what the input names is checked, the credentials are
/// leased, the price is charged, the block runs, and a price that depends on its use is settled.
/// </summary>
internal sealed class DirectExecution(
    BlockServices services, IKnownCredentials known, DirectCharges charges, BlockPool pool, ComputingPool computingPool, ExecutionMetrics metrics, BillingMetrics billing,
    IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private const int MostOutputs = 10_000;

    // All of them are one answer, in memory here and on its way.
    private const long MostBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Executes a block to its end.</summary>
    /// <param name="block">The block.</param>
    /// <param name="command">Who asks, and the input.</param>
    /// <param name="operationId">The id under which the execution is charged.</param>
    public async Task<ExecuteBlockResult> RunAsync(IBlock block, ExecuteBlock command, Guid operationId)
    {
        using var call = new Call(block, command, operationId, new CancellationTokenSource(Limit, clock));
        var started = clock.GetTimestamp();
        ExecuteBlockResult result;
        try
        {
            // On the thread pool: a block that computes would otherwise occupy the grain's scheduler.
            result = await Task.Run(() => RunToEndAsync(call), call.Cancelled);
        }
        catch (BlockFailedException exception)
        {
            result = Ended(exception.Kind == BlockFailureKind.Unknown ? ExecuteBlockOutcome.Broken : ExecuteBlockOutcome.Failed, exception.Message);
        }
        catch (OperationCanceledException) when (call.Cancelled.IsCancellationRequested)
        {
            result = Ended(ExecuteBlockOutcome.Failed, call.HasLostCredentials
                ? "The credentials of the block were deleted while it used them; it was stopped."
                : $"{block.Definition.Name} did not end within {Limit.TotalMinutes} minutes.");
        }

        if (result.Outcome is ExecuteBlockOutcome.Refused or ExecuteBlockOutcome.Unpaid) return result;
        var status = result.Outcome == ExecuteBlockOutcome.Completed ? ExecutionStatus.Completed : ExecutionStatus.Failed;
        metrics.BlockEnded(block.Definition.Name, status.Name(), clock.GetElapsedTime(started).TotalSeconds, call.Providers);
        return result;
    }

    private static ExecuteBlockResult Ended(ExecuteBlockOutcome outcome, string error) => new() { Outcome = outcome, Outputs = [], Error = error };

    private async Task<ExecuteBlockResult> RunToEndAsync(Call call)
    {
        var definition = call.Block.Definition;
        if (await CredentialProblemAsync(call) is { } problem) return Ended(ExecuteBlockOutcome.Refused, problem);
        try
        {
            BlockRunner.RequireInput(definition, call.Input);
        }
        catch (BlockFailedException exception)
        {
            return Ended(ExecuteBlockOutcome.Refused, exception.Message);
        }

        await using var leases = new BlockLeases(services.Credentials, call.UserId, new CredentialUse("block") { NodeExecutionId = call.OperationId }, call.LoseCredentials, call.Cancelled);
        try
        {
            call.Credentials = await leases.AcquireAsync(definition, call.Given);
        }
        catch (Exception exception) when (exception is CredentialUnusableException or InvalidOperationException)
        {
            return Ended(ExecuteBlockOutcome.Refused, exception.Message);
        }

        if (Prices.Match(definition, call.Input) is not { } price) return await RunAsync(call);
        var spent = await charges.TakeAsync(call.UserId, call.OperationId, definition, price, call.Cancelled);
        if (!spent.Paid) return Ended(ExecuteBlockOutcome.Unpaid, $"Insufficient balance to run {definition.Name}: it costs {price.Reservation} and the balance is {spent.Balance}. Please top up your account.");
        return await RunPaidAsync(call, price, spent.Charged);
    }

    private async Task<ExecuteBlockResult> RunPaidAsync(Call call, CostRule price, long charged)
    {
        try
        {
            return await RunAsync(call);
        }
        finally
        {
            if (price.IsMetered && charged > 0) charged = await charges.SettleAsync(call.UserId, call.OperationId, price.CreditsFor(call.Use(clock)), lifetime.ApplicationStopping);
            billing.Spent(call.Block.Definition.Name, charged);
        }
    }

    /// <summary>What is wrong with the credentials that the input names, by the rules of runs; null when nothing is (contract: semantics 1.7 and 2.3).</summary>
    private async Task<string?> CredentialProblemAsync(Call call)
    {
        var definition = call.Block.Definition;
        if (definition.AcceptsAnyPin) return null;
        var named = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var pin in definition.Inputs.Where(pin => pin.Credentials is not null))
        {
            var given = call.Input.Member(pin.Name) ?? JsonValues.Null;
            if (!CredentialRules.IsAbsent(given)) named[pin.Name] = given;
            else if (pin.Required) return $"{definition.Name} needs credentials for '{pin.Name}': give id, provider and type of credentials of yours or of the platform.";
        }

        if (named.Count == 0) return null;
        var effective = definition.Inputs.Where(pin => pin.Default is not null && call.Input.Member(pin.Name) is null)
            .Select(pin => KeyValuePair.Create(pin.Name, pin.Default!.Value))
            .Concat(call.Input.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)));
        var input = JsonValues.Object(effective);
        foreach (var (pin, given) in named)
            if (CredentialRules.Misfit(given, definition.FindInput(pin)!.Credentials!, input) is { } misfit) return $"'{pin}' {misfit}";
        var found = await known.FindAsync(call.UserId, named.Values.Select(CredentialRules.Id).OfType<string>().ToHashSet(StringComparer.Ordinal), call.Cancelled);
        return named.Select(pin => CredentialRules.Missing(pin.Value, found) is { } missing ? $"'{pin.Key}' {missing}" : null).FirstOrDefault(problem => problem is not null);
    }

    private async Task<ExecuteBlockResult> RunAsync(Call call)
    {
        var context = await ContextAsync(call);
        call.Begin(context.Usage, clock);
        if (call.Block is IComputingBlock computing)
        {
            // The time limit is both tokens, so that a computation that ignores its cancellation is abandoned.
            await foreach (var batch in new ComputedOutputs(computingPool, computing, call.Given, context.ForComputation()).ReadAsync(call.Cancelled, call.Cancelled))
                foreach (var output in batch.Outputs)
                    if (!call.TryAdd(output)) return TooMany(call);
            return Completed(call);
        }

        using var place = await (call.Block.Definition.Waits ? BlockPool.Beside : pool.EnterAsync(call.UserId, call.Cancelled));
        await foreach (var output in BlockRunner.RunAsync(call.Block, call.Input, context, call.Cancelled))
            if (!call.TryAdd(new EmittedOutput { Pin = output.Pin, Value = JsonPayload.Wrap(JsonValues.CompactUtf8(output.Value)) })) return TooMany(call);
        return Completed(call);
    }

    private static ExecuteBlockResult Completed(Call call) => new() { Outcome = ExecuteBlockOutcome.Completed, Outputs = call.Outputs.ToImmutable() };

    private static ExecuteBlockResult TooMany(Call call) =>
        Ended(ExecuteBlockOutcome.Failed, $"{call.Block.Definition.Name} gave more than {MostOutputs} outputs, or more than {MostBytes / 1024 / 1024} MB.");

    private async Task<BlockContext> ContextAsync(Call call) => new()
    {
        UserId = call.UserId,
        GraphId = "",
        RunId = call.OperationId.ToString(),
        NodeId = "",
        NodeExecutionId = call.OperationId.ToString(),
        Clock = services.Clock,
        UserTimeZone = await grains.GetGrain<IUserGrain>(call.UserId).GetTimeZone(),
        Http = services.Http,
        Streams = services.Streams,
        Integrations = services.Integrations,
        Models = services.Models,
        Files = services.Files(call.OperationId, call.UserId),
        KeyValues = services.KeyValues(call.UserId),
        Library = services.Library(call.UserId),
        Store = services.Store,
        Credentials = call.Credentials,
    };

    /// <summary>One execution under way.</summary>
    private sealed class Call : IDisposable
    {
        private readonly CancellationTokenSource _limit;
        private readonly CancellationTokenSource _cancelled;
        private BlockUsage _usage = new();
        private long _bytes;
        private long? _began;

        public Call(IBlock block, ExecuteBlock command, Guid operationId, CancellationTokenSource limit)
        {
            (Block, UserId, OperationId, _limit) = (block, command.UserId, operationId, limit);
            _cancelled = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            Input = JsonValues.Clean(JsonValues.ParseUtf8(command.Input.Memory.Span));
            Given = JsonPayload.Wrap(JsonValues.CompactUtf8(Input));
        }

        public IBlock Block { get; }

        public string UserId { get; }

        public Guid OperationId { get; }

        public JsonElement Input { get; }

        public JsonPayload Given { get; }

        public ImmutableArray<EmittedOutput>.Builder Outputs { get; } = ImmutableArray.CreateBuilder<EmittedOutput>();

        public Dictionary<string, Credential> Credentials { get; set; } = [];

        public IReadOnlyCollection<string> Providers => [.. Credentials.Values.Select(credential => credential.Provider)];

        public CancellationToken Cancelled => _cancelled.Token;

        public bool HasLostCredentials { get; private set; }

        public void Begin(BlockUsage usage, TimeProvider clock) => (_usage, _began) = (usage, clock.GetTimestamp());

        public void LoseCredentials()
        {
            HasLostCredentials = true;
            _ = _cancelled.CancelAsync();
        }

        public bool TryAdd(EmittedOutput output)
        {
            _bytes += output.Value.Size;
            if (_bytes > MostBytes || Outputs.Count >= MostOutputs) return false;
            Outputs.Add(output);
            return true;
        }

        public BlockUse Use(TimeProvider clock) => _began is not { } began ? new BlockUse() : new BlockUse
        {
            Seconds = (decimal)clock.GetElapsedTime(began).TotalSeconds,
            Bytes = Given.Size + _bytes,
            Items = _usage.Items,
            CostUsd = _usage.CostUsd,
            InputTokens = _usage.InputTokens,
            OutputTokens = _usage.OutputTokens,
        };

        public void Dispose()
        {
            _cancelled.Dispose();
            _limit.Dispose();
        }
    }
}
