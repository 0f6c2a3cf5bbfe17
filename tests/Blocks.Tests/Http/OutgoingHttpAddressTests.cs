using System.Net;
using System.Net.Sockets;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Tests.Http;

/// <summary>Addresses that requests must not reach, in the different ways of writing them.</summary>
public sealed class OutgoingHttpAddressTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://127.0.0.1:22/")]
    [InlineData("http://127.1/")]
    [InlineData("http://127.0.0.1./")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://0x7f.0.0.1/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://0/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::]/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[::127.0.0.1]/")]
    [InlineData("http://[64:ff9b::7f00:1]/")]
    [InlineData("http://[2002:7f00:1::]/")]
    [InlineData("http://[fe80::1%25eth0]/")]
    [InlineData("http://[fd00::1]/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://192.168.1.1/admin")]
    [InlineData("http://172.16.0.1/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://2852039166/latest/meta-data/")]
    [InlineData("http://0xA9.0xFE.0xA9.0xFE/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://100.100.100.200/")]
    [InlineData("http://255.255.255.255/")]
    [InlineData("http://224.0.0.1/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("http://localhost/")]
    [InlineData("http://LOCALHOST/")]
    [InlineData("http://localhost./")]
    [InlineData("http://metadata.google.internal/")]
    [InlineData("http://inside.example/")]
    [InlineData("http://127.0.0.1.nip.example/")]
    [InlineData("http://mixed.example/")]
    [InlineData("http://mixed6.example/")]
    [InlineData("http://127。0。0。1/")]
    [InlineData("http://127.0.0.1#@example.com/")]
    [InlineData("http://127.0.0.1?@example.com/")]
    [InlineData("http://127.255.255.254/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://0177.1/")]
    [InlineData("http://000.0.0.0/")]
    [InlineData("http://4294967295/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    [InlineData("http://[::ffff:c0a8:101]/")]
    [InlineData("http://[0:0:0:0:0:ffff:169.254.169.254]/")]
    [InlineData("http://[64:ff9b::10.0.0.1]/")]
    [InlineData("http://[64:ff9b:1::7f00:1]/")]
    [InlineData("http://[2001:0:7f00:1::]/")]
    [InlineData("http://[2001:0:5ef5:79fd:0:0:80ff:fffe]/")]
    [InlineData("http://[2002:a9fe:a9fe::]/")]
    [InlineData("http://[fe80::5efe:7f00:1]/")]
    [InlineData("http://[fec0::1]/")]
    [InlineData("http://[ff02::1]/")]
    [InlineData("http://[fd00:ec2::254]/latest/meta-data/")]
    [InlineData("http://[100::1]/")]
    [InlineData("http://[2001:db8::1]/")]
    [InlineData("http://[3fff::1]/")]
    [InlineData("http://10.255.255.255/")]
    [InlineData("http://172.31.255.255/")]
    [InlineData("http://169.254.170.2/v2/credentials/")]
    [InlineData("http://169.254.169.254./latest/meta-data/")]
    [InlineData("http://192.0.0.192/opc/v2/instance/")]
    [InlineData("http://168.63.129.16/machine/?comp=goalstate")]
    [InlineData("http://100.64.0.1/")]
    [InlineData("http://192.0.2.1/")]
    [InlineData("http://198.18.0.1/")]
    [InlineData("http://198.51.100.7/")]
    [InlineData("http://203.0.113.9/")]
    [InlineData("http://239.255.255.250:1900/")]
    [InlineData("http://240.0.0.1/")]
    [InlineData("http://inside.example:80/")]
    [InlineData("http://INSIDE.example./")]
    [InlineData("https://[::ffff:7f00:1]:443/")]
    public async Task A_private_address_is_refused_however_it_is_written(string url)
    {
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: Resolve);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);

        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => http.SendAsync(request, Cancel));

        Assert.Contains("is refused", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TRUST_ENDPOINTS_FOR_REQUESTS", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://user@example.com/", "user name")]
    [InlineData("http://user:secret@example.com/", "user name")]
    [InlineData("http://example.com@127.0.0.1/", "user name")]
    [InlineData("http://example.com%23@127.0.0.1/", "user name")]
    [InlineData("ftp://example.com/", "not ftp")]
    [InlineData("file:///etc/passwd", "not file")]
    [InlineData("gopher://127.0.0.1:6379/_INFO", "not gopher")]
    [InlineData("data:text/plain,x", "not data")]
    [InlineData("ws://127.0.0.1/", "not ws")]
    [InlineData("/relative", "must be absolute")]
    public async Task Other_forms_of_address_are_refused(string url, string expected)
    {
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: Resolve);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, url.StartsWith('/') ? UriKind.Relative : UriKind.Absolute));

        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => http.SendAsync(request, Cancel));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://nowhere.example/", "Unable to resolve IP address for hostname nowhere.example")]
    [InlineData("http://①②⑦.⓪.⓪.①/", "Unable to resolve IP address for hostname xn--orhcp.xn--mvh.xn--mvh.xn--orh")]
    [InlineData("http://empty.example/x", "Unable to resolve IP address for hostname empty.example")]
    public async Task A_name_without_address_is_named(string url, string expected)
    {
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: Resolve);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);

        Assert.Equal(expected, (await Assert.ThrowsAsync<OutgoingHttpException>(() => http.SendAsync(request, Cancel))).Message);
    }

    [Fact]
    public async Task The_refusal_names_host_and_address_and_how_to_allow_it()
    {
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: Resolve);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://inside.example:8080/");

        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => http.SendAsync(request, Cancel));

        Assert.Equal(
            "Access to inside.example:8080 is refused: 10.1.2.3 is a private address. An administrator can allow it by adding \"inside.example:8080\" to TRUST_ENDPOINTS_FOR_REQUESTS.",
            failure.Message);
    }

    [Fact]
    public async Task A_name_that_changes_its_address_after_the_check_does_not_lead_inside()
    {
        await using var inside = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var lookups = 0;
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: async (_, _) =>
        {
            // Public at the first lookup, loopback afterwards. The first request is cancelled, because it would connect to the public address.
            if (++lookups > 1) return [IPAddress.Loopback];
            await stop.CancelAsync();
            return [IPAddress.Parse("93.184.216.34")];
        });
        using var first = new HttpRequestMessage(HttpMethod.Get, $"http://rebind.example:{inside.Port}/");
        using var second = new HttpRequestMessage(HttpMethod.Get, $"http://rebind.example:{inside.Port}/");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => http.SendAsync(first, stop.Token));
        Assert.Equal(1, lookups);
        await Assert.ThrowsAsync<OutgoingHttpException>(() => http.SendAsync(second, Cancel));
        Assert.Equal(2, lookups);
        Assert.Empty(inside.Requests);
    }

    private static Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken) => host.TrimEnd('.').ToLowerInvariant() switch
    {
        "localhost" or "127.0.0.1" => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.IPv6Loopback]),
        "metadata.google.internal" or "169.254.169.254" => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254")]),
        "inside.example" or "127.0.0.1.nip.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.1.2.3")]),
        "mixed.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("93.184.216.34"), IPAddress.Parse("10.1.2.3")]),
        "mixed6.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("93.184.216.34"), IPAddress.Parse("fd00::1")]),
        "empty.example" => Task.FromResult<IPAddress[]>([]),
        _ => throw new SocketException((int)SocketError.HostNotFound),
    };
}
