using System.Globalization;
using Grainflow.Storage.Billing;
using Xunit.Sdk;

namespace Grainflow.Storage.Tests.Billing;

/// <summary>
/// Two silos write to the same wallets, transactions fail before and after their commit, silos die in the middle of one, and clients repeat what was not answered. The
/// database is its own, because it is compared as a whole.
/// </summary>
public sealed class LedgerSimulationTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly DatabaseFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public Task Whatever_fails_dies_and_is_repeated_the_ledger_is_exact() => SimulateAsync(200);

    [Fact(Explicit = true)]
    public Task Whatever_fails_dies_and_is_repeated_the_ledger_is_exact_for_thousands_of_seeds() => SimulateAsync(5000);

    private async Task SimulateAsync(int seeds)
    {
        // ./test prints the seed of the run and takes it; the seed of a failed simulation follows from it.
        var first = (int)((uint)Randomizer.Seed % 1000) * 10_000;
        var total = new SimulatedEvents();
        await using var pools = new SimulatedPools(_fixture.Database.ConnectionString);
        await Parallel.ForEachAsync(Enumerable.Range(first, seeds), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (seed, token) =>
        {
            var simulation = new LedgerSimulation(new LedgerStore(_fixture.Source, new LedgerOptions()), pools, seed, total);
            try
            {
                await simulation.RunAsync().WaitAsync(TimeSpan.FromMinutes(1), token);
                await simulation.AssertExactAsync();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The simulation with seed {seed} has failed: {exception.Message}"), exception);
            }
        });

        output.WriteLine($"Seeds {first} to {first + seeds - 1}: {total}");
        Assert.Empty(total.Missing());
        var audit = await new LedgerAudit(_fixture.Source).CompareAsync(DateTimeOffset.UtcNow.AddDays(1), Token);
        // The top-ups of a simulation have no payment.
        Assert.DoesNotContain(audit.Differences, difference => difference.Kind != LedgerDifferenceKinds.CreditsWithoutPayment);
    }
}
