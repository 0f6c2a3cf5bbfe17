using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Charges for node executions, each once for all its attempts (contract: semantics 3.2; decisions 9 and 32). Price and fee are one charge whose key is the node
/// execution id. Of a price that depends on what the block uses, the maximum is taken first, and the rest is given back when the block has ended.
/// </summary>
internal sealed class NodeCharges(IGrainFactory grains, GrainCallRetry calls, IOptions<GrainflowOptions> options, IOptions<ExecutionLogOptions> log)
{
    /// <summary>Charges price and fee, in full or not at all.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="block">Its block.</param>
    /// <param name="rule">The rule of the price; null when only the fee is due.</param>
    /// <exception cref="OperationCanceledException">The attempt was cancelled or abandoned before the wallet has answered; the charge may be made.</exception>
    public async Task<SpendResult> TakeAsync(NodeAttempt attempt, BlockDefinition block, CostRule? rule)
    {
        var work = attempt.Work;
        // With credits switched off the statistics have the price, and no wallet is asked (semantics 3.1).
        if (work.Price + work.Fee == 0 || !options.Value.EnableCredit) return new SpendResult { Paid = true, Charged = work.Price + work.Fee, Balance = 0 };
        var spend = new Spend
        {
            TransactionKey = attempt.NodeExecutionId.ToString(),
            Credits = work.Price + work.Fee,
            Metadata = Metadata(attempt, block, rule),
            RunId = work.RunId,
            GraphId = work.GraphId,
            Budget = work.Budget,
            Reserves = rule is { IsMetered: true },
        };
        using var given = CancellationTokenSource.CreateLinkedTokenSource(attempt.Cancelled, attempt.Abandoned);
        return await calls.ForEverAsync(() => Wallet(work.UserId).Spend(spend), given.Token);
    }

    /// <summary>
    /// The credits charged for a node execution that ends before the wallet has answered, by this attempt or an earlier one. It reads the ledger instead of
    /// repeating the charge, because a repeat could charge for a node that did not run.
    /// </summary>
    public async Task<long> FindAsync(NodeAttempt attempt, CancellationToken stopping)
    {
        var work = attempt.Work;
        if (work.Price + work.Fee == 0 || !options.Value.EnableCredit) return 0;
        return await calls.ForEverAsync(() => Wallet(work.UserId).FindCharge(attempt.NodeExecutionId.ToString()), stopping);
    }

    /// <summary>Gives back what was reserved for a block that has ended and not used. A repeated call changes nothing.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="rule">The rule of the price.</param>
    /// <param name="charged">The credits that were charged when the attempt began.</param>
    /// <param name="use">What the block has used.</param>
    /// <param name="stopping">Cancelled when the process stops.</param>
    /// <returns>The credits that the node execution costs in the end.</returns>
    public async Task<long> SettleAsync(NodeAttempt attempt, CostRule rule, long charged, BlockUse use, CancellationToken stopping)
    {
        var work = attempt.Work;
        var used = rule.CreditsFor(use);
        if (!options.Value.EnableCredit) return Math.Min(used, work.Price) + work.Fee;
        if (charged == 0) return 0;
        return await SettleAsync(work.UserId, attempt.NodeExecutionId, used, work.Fee, stopping);
    }

    /// <summary>Settles the charge of a node execution whose attempts are all lost: nobody knows what the block has used, so only the fee stays charged.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="nodeExecutionId">The node execution.</param>
    /// <param name="fee">The fee that was charged with it.</param>
    /// <returns>The credits that the node execution costs in the end.</returns>
    public Task<long> SettleLostAsync(string userId, Guid nodeExecutionId, long fee) =>
        Wallet(userId).Settle(Settlement(nodeExecutionId, used: 0, fee));

    private async Task<long> SettleAsync(string userId, Guid nodeExecutionId, long used, long fee, CancellationToken stopping)
    {
        var settlement = Settlement(nodeExecutionId, used, fee);
        return await calls.ForEverAsync(() => Wallet(userId).Settle(settlement), stopping);
    }

    private IUserWalletGrain Wallet(string userId) => grains.GetGrain<IUserWalletGrain>(userId);

    private static SettleCharge Settlement(Guid nodeExecutionId, long used, long fee) => new()
    {
        TransactionKey = nodeExecutionId.ToString(),
        Credits = used + fee,
        Metadata = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["node_exec_id"] = nodeExecutionId,
            ["price"] = used,
            ["fee"] = fee,
            ["reason"] = "Settled by what the block has used",
        })),
    };

    /// <summary>What the ledger has of a charge: the members of semantics 3.2, of the input only the filter of the rule.</summary>
    private JsonPayload Metadata(NodeAttempt attempt, BlockDefinition block, CostRule? rule)
    {
        var work = attempt.Work;
        var every = log.Value.ExecutionCostCountThreshold;
        var members = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["graph_exec_id"] = work.RunId,
            ["graph_id"] = work.GraphId,
            ["node_exec_id"] = attempt.NodeExecutionId,
            ["node_id"] = work.NodeId,
            ["block_id"] = work.BlockId,
            ["block"] = block.Name,
            ["input"] = work.Price > 0 ? rule?.Filter ?? JsonValues.EmptyObject : new { execution_count = every, charge = "Execution Cost" },
            ["price"] = work.Price,
            ["fee"] = work.Fee,
            ["reason"] = work.Price > 0 ? $"Ran {block.Name}" : string.Create(CultureInfo.InvariantCulture, $"Execution cost of every {every} node executions"),
        };
        if (work.Fee > 0) members["execution_count"] = every;
        // The reconciliation finds charges that were never settled by this.
        if (rule is { IsMetered: true }) members["reserved"] = true;
        return JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(members));
    }
}

/// <summary>The ends of node executions that could not be paid.</summary>
internal static class UnpaidNodes
{
    /// <summary>The end of a node execution whose charge was refused.</summary>
    public static NodeEndMessage End(NodeWork work, SpendResult refused)
    {
        var cost = work.Price + work.Fee;
        var isOverBudget = refused.Refusal == SpendRefusal.OverBudget;
        return new NodeEndMessage
        {
            Status = ExecutionStatus.Failed.Name(),
            Error = isOverBudget
                ? $"The budget of this run is spent: max_cost is {work.Budget!.MaxCredits}, {refused.BudgetSpent} {(refused.BudgetSpent == 1 ? "is" : "are")} spent, this step costs {cost}."
                : $"Insufficient balance of credits: this step costs {cost}.",
            OutOfCredits = !isOverBudget,
            OverBudget = isOverBudget,
            Measures = new NodeMeasures(),
        };
    }
}
