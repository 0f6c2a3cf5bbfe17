using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Catalogue;

/// <summary>Charges for blocks that are executed by themselves, each operation once (ADR 0036; decisions 9, 27 and 32). There is no fee: that is one of runs.</summary>
internal sealed class DirectCharges(IGrainFactory grains, GrainCallRetry calls, IOptions<GrainflowOptions> options)
{
    /// <summary>Charges the price, or of one that depends on what the block uses the maximum, in full or not at all.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="operationId">The operation; its second charge changes nothing.</param>
    /// <param name="block">The block.</param>
    /// <param name="rule">The rule of the price.</param>
    /// <param name="cancellationToken">Gives up; the charge may be made then.</param>
    public async Task<SpendResult> TakeAsync(string userId, Guid operationId, BlockDefinition block, CostRule rule, CancellationToken cancellationToken)
    {
        if (rule.Reservation == 0 || !options.Value.EnableCredit) return new SpendResult { Paid = true, Charged = 0, Balance = 0 };
        var members = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["node_exec_id"] = operationId,
            ["block_id"] = block.Id,
            ["block"] = block.Name,
            ["input"] = rule.Filter,
            ["price"] = rule.Reservation,
            ["reason"] = $"Ran {block.Name} by itself",
        };
        // The reconciliation finds charges that were never settled by this.
        if (rule.IsMetered) members["reserved"] = true;
        var spend = new Spend { TransactionKey = operationId.ToString(), Credits = rule.Reservation, Metadata = Json(members), Reserves = rule.IsMetered };
        // The grant of a new month is made when somebody asks for the balance.
        await calls.ForEverAsync(() => Wallet(userId).GetBalance(), cancellationToken);
        return await calls.ForEverAsync(() => Wallet(userId).Spend(spend), cancellationToken);
    }

    /// <summary>Gives back what was reserved and not used. A repeated call changes nothing.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="operationId">The operation.</param>
    /// <param name="credits">What the block costs in the end.</param>
    /// <param name="stopping">Cancelled when the process stops; the reconciliation then finds the charge.</param>
    /// <returns>The credits that the operation costs.</returns>
    public async Task<long> SettleAsync(string userId, Guid operationId, long credits, CancellationToken stopping)
    {
        var settlement = new SettleCharge
        {
            TransactionKey = operationId.ToString(),
            Credits = credits,
            Metadata = Json(new Dictionary<string, object>(StringComparer.Ordinal) { ["node_exec_id"] = operationId, ["price"] = credits, ["reason"] = "Settled by what the block has used" }),
        };
        return await calls.ForEverAsync(() => Wallet(userId).Settle(settlement), stopping);
    }

    private IUserWalletGrain Wallet(string userId) => grains.GetGrain<IUserWalletGrain>(userId);

    private static JsonPayload Json(Dictionary<string, object> members) => JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(members));
}
