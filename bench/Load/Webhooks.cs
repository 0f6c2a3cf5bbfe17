using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Grainflow.Silo.Hosting;
using Grainflow.Storage.Migrations;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Grainflow.Load;

/// <summary>Deliveries of webhooks at a fixed rate, in a server that this process hosts. A wait is measured from the moment at which the delivery was to be sent.</summary>
internal static class Webhooks
{
    private const int PayloadBytes = 8 * 1024;

    /// <summary>Measures on an empty database. The environment names it as DATABASE_URL.</summary>
    public static async Task MeasureAsync(int rate, TimeSpan length)
    {
        var settings = Settings.Read(Environment.GetEnvironmentVariable);
        await using (var source = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("DATABASE_URL")!)) await Migrator.MigrateAsync(source, CancellationToken.None);
        await using var server = await OrleansPorts.StartAsync(ports => ServerHost.Build(settings, ports, 0, null), CancellationToken.None);
        using var http = new HttpClient { BaseAddress = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
        var graph = await SendAsync(http, HttpMethod.Post, "/api/graphs", """
            {"graph": {"name": "Hook", "description": "", "nodes": [
              {"id": "trigger", "block_id": "8fa8c167-2002-47ce-aba8-97572fc5d387"},
              {"id": "out", "block_id": "363ae599-353e-4804-937e-b2ee3cef3da4", "input_default": {"name": "payload"}}],
              "links": [{"source_id": "trigger", "source_name": "payload", "sink_id": "out", "sink_name": "value"}]}}
            """);
        var preset = await SendAsync(http, HttpMethod.Post, "/api/library/presets/setup-trigger", $$$"""{"name": "Hook", "graph_id": "{{{Text(graph, "id")}}}", "graph_version": 1, "trigger_config": {}}""");
        var path = $"/api/integrations/generic_webhook/webhooks/{Text(preset, "webhook_id")}/ingress";
        Console.WriteLine("Before it is measured, the code is compiled:");
        foreach (var (what, active, time) in new[] { ("each starts a run", true, TimeSpan.FromSeconds(15)), ("each starts a run", true, length), ("acknowledged and logged", false, length) })
        {
            await SendAsync(http, HttpMethod.Patch, $"/api/library/presets/{Text(preset, "id")}", $$$"""{"is_active": {{{(active ? "true" : "false")}}}}""");
            await AtRateAsync(http, path, what, rate, time);
            await UntilProcessedAsync(http, Text(preset, "webhook_id"));
        }

        await server.StopAsync();
    }

    private static async Task AtRateAsync(HttpClient http, string path, string what, int rate, TimeSpan length)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"text": "{{new string('x', PayloadBytes)}}"}""");
        var count = (int)(rate * length.TotalSeconds);
        var began = Stopwatch.GetTimestamp();
        var sent = new List<Task<double>>(count);
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate);
            while (Stopwatch.GetElapsedTime(began) is var passed && passed < due) await Task.Delay(due - passed);
            sent.Add(OnceAsync(http, path, body, began, due));
        }

        var sorted = (await Task.WhenAll(sent)).Order().ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rate} deliveries a second of {PayloadBytes / 1024} KiB, {what}: p50 {sorted[count / 2]:0.0} ms, p99 {sorted[(int)(count * 0.99)]:0.0} ms, longest {sorted[^1]:0.0} ms"));
    }

    private static async Task<double> OnceAsync(HttpClient http, string path, byte[] body, long began, TimeSpan due)
    {
        using var content = new ByteArrayContent(body);
        using var response = await http.PostAsync(path, content);
        if ((int)response.StatusCode != 202) throw new HttpRequestException($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return (Stopwatch.GetElapsedTime(began) - due).TotalMilliseconds;
    }

    private static async Task UntilProcessedAsync(HttpClient http, string webhook)
    {
        while (true)
        {
            var newest = (await SendAsync(http, HttpMethod.Get, $"/api/integrations/webhooks/{webhook}/deliveries?limit=100", null)).GetProperty("deliveries").EnumerateArray();
            if (newest.All(delivery => delivery.GetProperty("processed_at").ValueKind != JsonValueKind.Null)) return;
            await Task.Delay(200);
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static async Task<JsonElement> SendAsync(HttpClient http, HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonElement.Parse(body) : throw new HttpRequestException($"{(int)response.StatusCode} {body}");
    }
}
