using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Silo.Hosting;
using Grainflow.Storage.Migrations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Grainflow.Load;

/// <summary>Charges on wallets by grain calls, as nodes make them, and over REST, in a server that this process hosts.</summary>
internal static class Wallets
{
    private const int Many = 1000;

    /// <summary>Measures on an empty database. The environment names it as DATABASE_URL.</summary>
    public static async Task MeasureAsync(TimeSpan length)
    {
        var settings = Settings.Read(name => Environment.GetEnvironmentVariable(name) ?? (name == "ENABLE_CREDIT" ? "true" : null));
        await using (var source = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("DATABASE_URL")!)) await Migrator.MigrateAsync(source, CancellationToken.None);
        await using var server = await OrleansPorts.StartAsync(ports => ServerHost.Build(settings, ports, 0, null), CancellationToken.None);
        var grains = server.Services.GetRequiredService<IGrainFactory>();
        foreach (var wallet in Enumerable.Range(0, Many).Chunk(50))
        {
            await Task.WhenAll(wallet.Select(async number =>
            {
                await grains.GetGrain<IUserGrain>(User(number)).Ensure(null);
                await grains.GetGrain<IUserWalletGrain>(User(number)).Apply(new WalletChange { TransactionKey = "start", Type = "GRANT", Credits = 1_000_000_000, Metadata = JsonPayload.EmptyObject });
            }));
        }

        Console.WriteLine("Before it is measured, the code is compiled:");
        foreach (var time in new[] { TimeSpan.FromSeconds(20), length })
        {
            await SpendAsync(grains, "one wallet", 1, clients: 1, time);
            await SpendAsync(grains, "one wallet", 1, clients: 128, time);
            await SpendAsync(grains, $"{Many} wallets", Many, clients: 256, time);
            await OverRestAsync(server, clients: 16, time);
            await OverRestAsync(server, clients: 64, time);
        }

        await server.StopAsync();
    }

    private static string User(int number) => $"wallet-{number}";

    private static async Task SpendAsync(IGrainFactory grains, string what, int wallets, int clients, TimeSpan length)
    {
        var metadata = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(new
        {
            graph_exec_id = Guid.NewGuid(),
            graph_id = Guid.NewGuid(),
            node_exec_id = Guid.NewGuid(),
            node_id = Guid.NewGuid(),
            block_id = Guid.NewGuid(),
            block = "AITextGeneratorBlock",
            input = new { model = "gpt-4o" },
            reason = "Ran AITextGeneratorBlock",
        }));
        await RateAsync($"spends on {what}", clients, length, async (_, random) =>
        {
            var result = await grains.GetGrain<IUserWalletGrain>(User(random.Next(wallets))).Spend(new Spend { TransactionKey = Guid.NewGuid().ToString(), Credits = 1, Metadata = metadata });
            if (!result.Paid) throw new InvalidOperationException("A charge was refused.");
        });
    }

    private static async Task OverRestAsync(WebApplication server, int clients, TimeSpan length)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
        await RateAsync($"POST /api/credits/admin/add_credits to {Many} wallets", clients, length, async (_, random) =>
        {
            using var body = new StringContent($$"""{"user_id": "{{User(random.Next(Many))}}", "amount": -1, "comments": "load"}""", Encoding.UTF8, "application/json");
            using var response = await http.PostAsync("/api/credits/admin/add_credits", body);
            if (!response.IsSuccessStatusCode) throw new HttpRequestException($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        });
    }

    private static async Task RateAsync(string what, int clients, TimeSpan length, Func<int, Random, Task> once)
    {
        var until = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var (allocated, processor) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime);
        var times = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            var taken = new List<double>();
            while (Stopwatch.GetTimestamp() < until)
            {
                var began = Stopwatch.GetTimestamp();
                await once(client, random);
                taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return taken;
        })));
        var sorted = times.SelectMany(taken => taken).Order().ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}, {clients} clients: {sorted.Count / length.TotalSeconds:0}/s, p50 {sorted[sorted.Count / 2]:0.0} ms, p99 {sorted[(int)(sorted.Count * 0.99)]:0.0} ms, each {(GC.GetTotalAllocatedBytes() - allocated) / sorted.Count / 1024.0:0.0} KiB allocated, {(Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / sorted.Count:0.00} ms processor"));
    }
}
