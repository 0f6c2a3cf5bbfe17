using System.Text.Json;
using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Billing;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Payments;

/// <summary>A cluster whose payments go to a scripted Stripe. Balances begin at 0, without a monthly grant.</summary>
internal sealed class PaymentCluster : IAsyncDisposable
{
    /// <summary>Secrets of a rotation: events may be signed with either.</summary>
    public const string Secrets = ScriptedStripe.Secret + ", whsec_second";

    private PaymentCluster(GrainCluster cluster, ScriptedStripe stripe) => (Cluster, Stripe) = (cluster, stripe);

    public GrainCluster Cluster { get; }

    public ScriptedStripe Stripe { get; }

    public IPaymentStore Payments => new PaymentStore(new Database(Cluster.Database.DataSource));

    public IStripeEventStore Inbox => new StripeEventStore(new Database(Cluster.Database.DataSource));

    public IUserWalletGrain Wallet => Cluster.Wallet();

    public IUserPaymentsGrain User => Of(GrainCluster.User);

    public static async Task<PaymentCluster> StartAsync(TimeProvider? clock = null, Action<PaymentOptions>? options = null, Action<IServiceCollection>? services = null)
    {
        var stripe = await ScriptedStripe.StartAsync(clock);
        var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Clock = clock ?? TimeProvider.System,
            Listens = false,
            HasTasks = true,
            Options = grains => grains.EnablePlatformPayment = true,
            Services = added =>
            {
                services?.Invoke(added);
                added.Configure<PaymentOptions>(payments =>
                {
                    payments.StripeApiKey = ScriptedStripe.ApiKey;
                    payments.StripeApiBase = stripe.Address;
                    payments.StripeWebhookSecret = Secrets;
                    payments.FrontendBaseUrl = new Uri("https://platform.test");
                    payments.RetryDelay = TimeSpan.FromMilliseconds(1);
                    options?.Invoke(payments);
                });
            },
        });
        return new PaymentCluster(cluster, stripe);
    }

    public IUserPaymentsGrain Of(string user) => Cluster.Grains.GetGrain<IUserPaymentsGrain>(user);

    /// <summary>Sends an event about an object as it is now, or a body that was made before.</summary>
    public Task<StripeReceipt> SendAsync(string type, string objectId, string? eventId = null) => SendAsync(Stripe.Event(type, objectId, eventId));

    public Task<StripeReceipt> SendAsync(string payload) => Cluster.Grains.GetGrain<IStripeEventsGrain>(0).Receive(payload, Stripe.Sign(payload));

    /// <summary>Opens a checkout.</summary>
    /// <returns>The payment and the session.</returns>
    public async Task<(Guid Payment, string Session)> CheckOutAsync(long credits = 500)
    {
        var id = Guid.NewGuid();
        var answer = await User.StartCheckout(id, credits);
        Assert.Equal((PaymentOutcome.Done, null), (answer.Outcome, answer.Reason));
        return (id, (await Payments.FindAsync(id, CancellationToken.None))!.SessionId!);
    }

    /// <summary>Buys credits by a checkout that is paid.</summary>
    /// <returns>The key of the top-up, which is its payment intent.</returns>
    public async Task<string> BuyAsync(long credits = 500)
    {
        var (_, session) = await CheckOutAsync(credits);
        var intent = Stripe.Pay(session)!;
        Assert.Equal(PaymentOutcome.Done, (await SendAsync("checkout.session.completed", session)).Outcome);
        return intent;
    }

    /// <summary>Spends credits.</summary>
    public async Task SpendAsync(long credits) => Assert.True((await Wallet.Spend(new Spend
    {
        TransactionKey = Guid.NewGuid().ToString(),
        Credits = credits,
        Metadata = Interfaces.JsonPayload.EmptyObject,
    })).Paid);

    /// <summary>Makes everything due that waits for its time, and runs the task that looks for it.</summary>
    public async Task SweepAsync()
    {
        foreach (var table in new[] { "payments", "refund_requests", "stripe_events" }) await ExecuteAsync($"UPDATE {table} SET due_at = '2000-01-01' WHERE due_at IS NOT NULL");
        var answer = await Cluster.Grains.GetGrain<ISystemTaskGrain>(SystemTaskNames.PendingPayments).Trigger();
        Assert.Equal((true, null), (answer.HasRun, answer.Status.Error));
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Cluster.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The ledger: type, amount and key of each row, oldest first, without the charges.</summary>
    public async Task<IReadOnlyList<(string Type, long Amount, string Key)>> LedgerAsync() =>
        [.. (await Cluster.LedgerOfAsync()).Where(row => row.Type != LedgerType.Usage).Select(row => (row.Type, row.Amount, row.TransactionKey))];

    /// <summary>The notification events: type, and the user or the channel, in the order of their keys.</summary>
    public async Task<IReadOnlyList<(string Type, string To)>> ToldAsync() => [.. (await ReadEventsAsync()).Select(one => (one.Type, one.To))];

    /// <summary>The data of the notification events of a type.</summary>
    public async Task<IReadOnlyList<JsonElement>> DataAsync(string type) => [.. (await ReadEventsAsync()).Where(one => one.Type == type).Select(one => one.Data)];

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await Stripe.DisposeAsync();
    }

    private async Task<List<(string Type, string To, JsonElement Data)>> ReadEventsAsync()
    {
        await using var command = Cluster.Database.DataSource.CreateCommand("SELECT type, coalesce(user_id, channel), data::text FROM notification_events WHERE type NOT IN ('LOW_BALANCE', 'ZERO_BALANCE') ORDER BY key");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var events = new List<(string, string, JsonElement)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) events.Add((reader.GetString(0), reader.GetString(1), JsonElement.Parse(reader.GetString(2))));
        return events;
    }
}
