using System.Text.Json;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Credits;

/// <summary>A server on which credits are switched off (contract: semantics 3.1).</summary>
public sealed class DisabledCreditServer : ApiServer
{
    /// <inheritdoc/>
    private protected override void Change(Dictionary<string, string> variables) => variables["ENABLE_CREDIT"] = "false";
}

/// <summary>Credits over REST where they are switched off.</summary>
public sealed class DisabledCreditTests(DisabledCreditServer server) : IClassFixture<DisabledCreditServer>
{
    private readonly string _user = Guid.NewGuid().ToString();

    [Fact]
    public async Task The_balance_is_100_and_the_history_empty_although_the_ledger_has_rows_from_before()
    {
        var change = new WalletChange { TransactionKey = "before", Type = "GRANT", Credits = 7, Metadata = JsonPayload.EmptyObject };
        await server.Services.GetRequiredService<IGrainFactory>().GetGrain<IUserWalletGrain>(_user).Apply(change);

        Assert.Equal("""{"credits":100}""", (await server.For(_user).GetAsync("/api/credits")).Text);
        var history = (await server.For(_user).GetAsync("/api/credits/transactions")).Json;
        Assert.Empty(history.GetProperty("transactions").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, history.GetProperty("next_transaction_time").ValueKind);
    }
}
