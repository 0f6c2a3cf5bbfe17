using System.Net;
using System.Net.Sockets;
using Grainflow.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Silo.Tests;

/// <summary>Several processes on one machine each find a port for their silo.</summary>
public sealed class SiloPortTests
{
    [Fact]
    public async Task A_port_that_another_process_took_meanwhile_is_replaced_by_another()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        var built = new List<int>();

        using var host = await OrleansPorts.StartAsync(
            ports =>
            {
                built.Add(ports.Silo);
                return Listening(ports.Silo);
            },
            TestContext.Current.CancellationToken,
            attempt => new OrleansPorts(attempt == 1 ? taken : 0));

        Assert.Equal([taken, 0], built);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_port_that_was_taken_for_a_moment_and_is_free_again_is_replaced_by_another()
    {
        var built = 0;

        using var host = await OrleansPorts.StartAsync<IHost>(
            _ => Listening(port: 0, ++built == 1 ? new InvalidOperationException("The silo did not start.", new SocketException((int)SocketError.AddressAlreadyInUse)) : null),
            TestContext.Current.CancellationToken);

        Assert.Equal(2, built);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_start_that_fails_for_another_reason_is_not_tried_again()
    {
        var built = 0;

        var failure = await Record.ExceptionAsync(() => OrleansPorts.StartAsync<IHost>(
            _ =>
            {
                built++;
                return Listening(port: 0, new InvalidOperationException("It cannot start."));
            },
            TestContext.Current.CancellationToken));

        Assert.Equal("It cannot start.", Assert.IsType<InvalidOperationException>(failure).Message);
        Assert.Equal(1, built);
    }

    /// <summary>A host that listens on a port when it starts, as one with a silo does.</summary>
    private static WebApplication Listening(int port, Exception? failure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        if (failure is not null) builder.Services.AddSingleton<IHostedService>(new FailingService(failure));
        return builder.Build();
    }

    private sealed class FailingService(Exception failure) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.FromException(failure);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
