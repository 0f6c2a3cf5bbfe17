using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Tests.CrashPoints;
using Grainflow.Storage.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Payments;

/// <summary>
/// Payments are broken off before and after each step: each call to the stores of payments and to Stripe. What is left is gone on with by the task, an event that is sent
/// again, or a request that is repeated, and in the end everything has happened once.
/// </summary>
public sealed class PaymentCrashTests
{
    /// <summary>A flow has fewer steps than this.</summary>
    private const int MostSteps = 60;

    private readonly Breaker _breaker = new();

    [Fact]
    public async Task A_checkout_that_is_broken_off_anywhere_adds_its_credits_once()
    {
        await using var world = await StartAsync();
        await AtEachStepAsync(async user =>
        {
            var id = Guid.NewGuid();
            string? session = null;
            string? completed = null;
            await TryAsync(async () =>
            {
                await UntilDoneAsync(() => world.Of(user).StartCheckout(id, 500));
                session = SessionOf(world, id);
                world.Stripe.Pay(session);
                completed = world.Stripe.Event("checkout.session.completed", session);
                await world.SendAsync(completed);
            });
            _breaker.Disarm();

            await UntilDoneAsync(() => world.Of(user).StartCheckout(id, 500), isOver: session is not null);
            if (session is null)
            {
                session = SessionOf(world, id);
                world.Stripe.Pay(session);
            }

            completed ??= world.Stripe.Event("checkout.session.completed", session);
            Assert.Equal(PaymentOutcome.Done, (await world.SendAsync(completed)).Outcome);
            await world.SweepAsync();
            Assert.Equal(500, await world.Cluster.Wallet(user).GetBalance());
            Assert.Equal(PaymentStatus.Fulfilled, (await world.Payments.FindAsync(id, CancellationToken.None))!.Status);
        });
    }

    [Fact]
    public async Task An_automatic_payment_that_is_broken_off_anywhere_charges_once()
    {
        await using var world = await StartAsync();
        await AtEachStepAsync(async user =>
        {
            world.Stripe.SaveCard(user, "pm_bad", "Declined.");
            world.Stripe.SaveCard(user, "pm_good");
            await world.Cluster.Wallet(user).SetAutoTopUp(new AutoTopUp { Threshold = 300, Credits = 500 });
            var run = Guid.NewGuid();
            await TryAsync(() => world.Of(user).TopUpAutomatically(run));
            _breaker.Disarm();

            await world.SweepAsync();
            await world.Of(user).TopUpAutomatically(run);
            Assert.Equal(500, await world.Cluster.Wallet(user).GetBalance());
            Assert.Equal(1, world.Stripe.All("payment_intent").Count(intent => intent["metadata"]!["user_id"]!.GetValue<string>() == user && intent["status"]!.GetValue<string>() == "succeeded"));
        });
    }

    [Fact]
    public async Task A_refund_that_is_broken_off_anywhere_is_made_and_deducted_once()
    {
        await using var world = await StartAsync();
        await AtEachStepAsync(async user =>
        {
            _breaker.Holds = true;
            var id = Guid.NewGuid();
            await world.Of(user).StartCheckout(id, 500);
            var session = SessionOf(world, id);
            var key = world.Stripe.Pay(session)!;
            await world.SendAsync("checkout.session.completed", session);
            _breaker.Holds = false;

            var request = Guid.NewGuid();
            await TryAsync(() => world.Of(user).RequestRefund(request, key, ""));
            _breaker.Disarm();
            Assert.Equal(PaymentOutcome.Done, (await world.Of(user).RequestRefund(request, key, "")).Outcome);
            await world.SweepAsync();

            var refund = Assert.Single(world.Stripe.All("refund"), refund => refund["payment_intent"]!.GetValue<string>() == key)["id"]!.GetValue<string>();
            await world.SendAsync("refund.created", refund);
            Assert.Equal(0, await world.Cluster.Wallet(user).GetBalance());
            Assert.Equal([500L, -500L], (await world.Cluster.LedgerOfAsync(user)).Select(row => row.Amount));
            Assert.Equal(RefundStatus.Approved, (await world.Payments.FindRefundAsync(user, key, CancellationToken.None))!.Status);
        });
    }

    private static string SessionOf(PaymentCluster world, Guid payment) =>
        Assert.Single(world.Stripe.All("checkout.session"), session => session["client_reference_id"]!.GetValue<string>() == payment.ToString())["id"]!.GetValue<string>();

    /// <summary>Repeats a request as its client does.</summary>
    private static async Task UntilDoneAsync(Func<Task<PaymentAnswer>> ask, bool isOver = false)
    {
        var answer = await ask();
        Assert.True(answer.Outcome == PaymentOutcome.Done || isOver, answer.Reason);
    }

    /// <summary>Does something that is broken off.</summary>
    private static async Task TryAsync(Func<Task> work)
    {
        var failure = await Record.ExceptionAsync(work);
        Assert.True(failure is null or BrokenException || failure.ToString().Contains(nameof(BrokenException), StringComparison.Ordinal) || failure is Xunit.Sdk.XunitException, failure?.ToString());
    }

    private Task<PaymentCluster> StartAsync() => PaymentCluster.StartAsync(services: services =>
    {
        services.AddSingleton(provider => Watched.Of<IPaymentStore>(ActivatorUtilities.CreateInstance<PaymentStore>(provider), _breaker.Pass));
        services.AddSingleton(provider => Watched.Of<IStripeEventStore>(ActivatorUtilities.CreateInstance<StripeEventStore>(provider), _breaker.Pass));
        services.AddSingleton(provider => Watched.Of<IPaymentProvider>(ActivatorUtilities.CreateInstance<StripeProvider>(provider), _breaker.Pass));
    });

    /// <summary>Runs a flow for a user of its own for each step, until it has no further one.</summary>
    private async Task AtEachStepAsync(Func<string, Task> flow)
    {
        for (var step = 1; step <= MostSteps; step++)
        {
            _breaker.Arm(step);
            await flow($"user of step {step}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{step}: {_breaker.BrokenAt}");
            if (_breaker.BrokenAt is not null) continue;
            Assert.True(step > 10, "The flow has hardly any steps.");
            return;
        }

        Assert.Fail($"The flow has more than {MostSteps} steps.");
    }

    private sealed class BrokenException(string step) : IOException($"{nameof(BrokenException)}: {step}");

    /// <summary>Throws at a chosen step, once.</summary>
    private sealed class Breaker
    {
        private int _left;

        public string? BrokenAt { get; private set; }

        /// <summary>Whether steps do not count now.</summary>
        public bool Holds { get; set; }

        public void Arm(int step)
        {
            BrokenAt = null;
            Volatile.Write(ref _left, step);
        }

        public void Disarm() => Volatile.Write(ref _left, 0);

        public void Pass(string step, bool after)
        {
            if (Holds || Volatile.Read(ref _left) == 0 || step == "IPaymentProvider.get_Missing" || Interlocked.Decrement(ref _left) != 0) return;
            BrokenAt = $"{(after ? "after" : "before")} {step}";
            throw new BrokenException(BrokenAt);
        }
    }
}
