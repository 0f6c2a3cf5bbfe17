using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grainflow.Blocks.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grainflow.Load;

/// <summary>
/// What it costs a request of a block to take a connection of its own: PUT, which takes a kept one, beside POST, which does not. The server
/// is in this process and on loopback, so that a round trip takes no time.
/// </summary>
internal static class Requests
{
    private static readonly byte[] Body = "{\"value\":1}"u8.ToArray();

    /// <summary>Measures without and with TLS, for one and for 16 clients.</summary>
    /// <param name="folder">Contains <c>certificate.pem</c> for localhost, which this process trusts, and <c>key.pem</c>.</param>
    /// <param name="length">How long each of the measurements takes.</param>
    public static async Task MeasureAsync(string folder, TimeSpan length)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        await using var server = await StartAsync(certificate);
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = ["localhost"] });
        foreach (var address in server.Urls.Select(url => new Uri(url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal))))
            foreach (var clients in new[] { 1, 16 })
                foreach (var method in new[] { HttpMethod.Put, HttpMethod.Post })
                    await MeasureAsync(http, method, address, clients, length);
    }

    private static async Task<WebApplication> StartAsync(X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate));
        });
        var application = builder.Build();
        application.Run(context => context.Response.WriteAsync("ok"));
        await application.StartAsync();
        return application;
    }

    private static async Task MeasureAsync(OutgoingHttp http, HttpMethod method, Uri address, int clients, TimeSpan length)
    {
        await SendAsync(http, method, address, clients, TimeSpan.FromSeconds(2));
        var processor = Environment.CpuUsage.TotalTime;
        var latencies = await SendAsync(http, method, address, clients, length);
        var each = (Environment.CpuUsage.TotalTime - processor) / latencies.Count;
        Console.WriteLine(FormattableString.Invariant(
            $"{address.Scheme} {method}, {clients} clients: {latencies.Count / length.TotalSeconds:0}/s, p50 {latencies[latencies.Count / 2]:0.00} ms, p99 {latencies[latencies.Count * 99 / 100]:0.00} ms, {each.TotalMilliseconds:0.00} ms of processor time for client and server"));
    }

    private static async Task<List<double>> SendAsync(OutgoingHttp http, HttpMethod method, Uri address, int clients, TimeSpan length)
    {
        var until = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            var latencies = new List<double>();
            while (Stopwatch.GetTimestamp() < until)
            {
                var started = Stopwatch.GetTimestamp();
                using var request = new HttpRequestMessage(method, address) { Content = new ByteArrayContent(Body) };
                await http.SendAsync(request, CancellationToken.None);
                latencies.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return latencies;
        })));
        return [.. all.SelectMany(latencies => latencies).Order()];
    }
}
