using System.Net;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Tests.Http;

public sealed class RebindingTests
{
    private static readonly IPAddress Public = IPAddress.Parse("93.184.216.34");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_address_that_was_checked_is_the_one_that_is_connected_to_and_the_name_is_asked_once()
    {
        await using var inside = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var names = new RebindingNameServer([Public], [IPAddress.Loopback]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        // The request is stopped when its name is resolved, because it would go to the public address.
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: async (host, token) =>
        {
            var addresses = await names.ResolveAsync(host, token);
            await stop.CancelAsync();
            return addresses;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(http, $"http://rebind.example:{inside.Port}/", stop.Token));

        Assert.Equal(["rebind.example"], names.Questions);
        Assert.Empty(inside.Requests);
    }

    [Fact]
    public async Task A_name_that_has_turned_inward_is_refused_at_the_next_request()
    {
        await using var inside = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var names = new RebindingNameServer([IPAddress.Loopback]);
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: names.ResolveAsync);

        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => SendAsync(http, $"http://rebind.example:{inside.Port}/", Cancel));

        Assert.Contains("127.0.0.1 is a loopback address", failure.Message, StringComparison.Ordinal);
        Assert.Empty(inside.Requests);
    }

    [Fact]
    public async Task A_name_with_a_public_and_a_private_address_is_refused_as_a_whole()
    {
        await using var inside = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var names = new RebindingNameServer([Public, IPAddress.Loopback]);
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: names.ResolveAsync);

        await Assert.ThrowsAsync<OutgoingHttpException>(() => SendAsync(http, $"http://rebind.example:{inside.Port}/", Cancel));

        Assert.Empty(inside.Requests);
    }

    [Fact]
    public async Task A_redirect_to_a_name_that_has_turned_inward_is_refused()
    {
        await using var inside = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var outside = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect($"http://rebind.example:{inside.Port}/");
            return Task.CompletedTask;
        });
        await using var names = new RebindingNameServer([IPAddress.Loopback]);
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [$"outside.example:{outside.Port}"] }, resolve: names.ResolveAsync);

        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => SendAsync(http, $"http://outside.example:{outside.Port}/", Cancel));

        Assert.Contains("Access to rebind.example", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["outside.example", "rebind.example"], names.Questions);
        Assert.Single(outside.Requests);
        Assert.Empty(inside.Requests);
    }

    private static async Task SendAsync(OutgoingHttp http, string url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        await http.SendAsync(request, cancellationToken);
    }
}
