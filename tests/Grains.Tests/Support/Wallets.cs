using System.Text.Json;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;

namespace Grainflow.Grains.Tests.Support;

/// <summary>What tests do with wallets.</summary>
internal static class Wallets
{
    /// <summary>Grants credits once per transaction key.</summary>
    /// <returns>The balance after the grant.</returns>
    public static async Task<long> Grant(this IUserWalletGrain wallet, string transactionKey, long credits, string reason)
    {
        var result = await wallet.Apply(new WalletChange
        {
            TransactionKey = transactionKey,
            Type = "GRANT",
            Credits = credits,
            Metadata = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(new { reason })),
        });
        return result.Outcome is WalletChangeOutcome.Applied or WalletChangeOutcome.AlreadyApplied
            ? result.Balance
            : throw new InvalidOperationException($"The grant '{transactionKey}' was answered {result.Outcome}.");
    }
}
