using Grainflow.Grains;
using Grainflow.Grains.Billing;
using Grainflow.Silo.Hosting;
using Grainflow.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run --reconcile</c>: compares ledger, wallets, payments and the payment provider, and changes nothing. It may run beside a server.</summary>
internal static class ReconcileCommand
{
    /// <summary>Prints what does not agree: lines on standard error, and the report as JSON on standard output.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl-C or TERM.</param>
    /// <returns><see cref="ExitCodes.Success"/> when all agrees, else <see cref="ExitCodes.Refused"/>.</returns>
    public static async Task<int> RunAsync(CliOptions options, Settings settings, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.Values).Build())
            .AddGrainflowStorage(settings.DatabaseUrl)
            .AddGrainflowReconciliation()
            .BuildServiceProvider();
        var report = await services.GetRequiredService<Reconciliation>().CompareAsync(TimeProvider.System.GetUtcNow(), cancellationToken);
        if (!options.JsonOnly)
        {
            Console.Error.WriteLine($"Compared {report.Wallets} wallets, {report.Rows} rows of the ledger and {report.Payments} payments and refunds.");
            Console.Error.WriteLine(report.ProviderMissing ?? $"Compared {report.AtProvider} payments and refunds of the last weeks at Stripe.");
            foreach (var difference in report.Differences) Console.Error.WriteLine(difference);
            Console.Error.WriteLine(report.Count switch
            {
                0 => "All agrees.",
                var count when count > report.Differences.Count => $"{count} differences; the first {report.Differences.Count} are above.",
                1 => "1 difference.",
                var count => $"{count} differences.",
            });
        }

        Console.Out.WriteLine(report.ToJson().ToJsonString());
        return report.Count == 0 ? ExitCodes.Success : ExitCodes.Refused;
    }
}
