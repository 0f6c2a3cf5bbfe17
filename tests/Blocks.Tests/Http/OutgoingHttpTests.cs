using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grainflow.Blocks.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Blocks.Tests.Http;

public sealed class OutgoingHttpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_goes_through_the_proxy_of_its_account_which_is_checked_like_any_other_server()
    {
        await using var proxy = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Headers.ProxyAuthorization.Count > 0) return context.Response.WriteAsync("through");
            context.Response.StatusCode = 407;
            context.Response.Headers.ProxyAuthenticate = "Basic realm=\"proxy\"";
            return Task.CompletedTask;
        });
        using var trusting = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = ["target.example", "proxy.example"] }, resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        using var guarded = new OutgoingHttp(new OutgoingHttpOptions(), resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        HttpRequestMessage Request()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "http://target.example/page");
            request.Options.Set(RequestHop.Through, new OutgoingProxy(new Uri($"http://proxy.example:{proxy.Port}"), "ada", "secret"));
            return request;
        }

        using var first = Request();
        var reply = await trusting.SendAsync(first, Cancel);
        using var second = Request();
        await Assert.ThrowsAsync<OutgoingHttpException>(() => guarded.SendAsync(second, Cancel));

        Assert.Equal("through", reply.Text());
        var received = proxy.Requests.ToList();
        Assert.All(received, request => Assert.Equal("target.example", request.Headers["Host"]));
        Assert.Equal("Basic YWRhOnNlY3JldA==", received[^1].Headers["Proxy-Authorization"]);
        Assert.Equal(2, received.Count);
    }

    [Fact]
    public async Task A_trusted_endpoint_is_reached_by_its_name()
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("hello"));
        using var http = Client(server, $"inside.example:{server.Port}");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://inside.example:{server.Port}/a?b=c") { Content = new StringContent("body") };

        var reply = await http.SendAsync(request, Cancel);

        Assert.Equal((200, "hello"), (reply.Status, Encoding.UTF8.GetString(reply.Body.Span)));
        var received = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/a?b=c", "body"), (received.Method, received.Target, received.Body));
        Assert.Equal($"inside.example:{server.Port}", received.Headers["Host"]);
        Assert.Equal("Grainflow", received.Headers["User-Agent"]);
        Assert.DoesNotContain("traceparent", received.Headers.Keys);
    }

    [Fact]
    public async Task Another_port_of_a_trusted_host_is_not_trusted()
    {
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        using var http = Client(server, $"127.0.0.1:{server.Port + 1}");

        await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, server.Origin));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Failure_statuses_are_replies()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.ContentType = "text/plain; charset=latin-1";
            return context.Response.WriteAsync("down");
        });
        using var http = Client(server);

        var reply = await GetAsync(http, server.Origin);

        Assert.Equal((503, "text/plain; charset=latin-1", false), (reply.Status, reply.ContentType, reply.IsSuccess));
    }

    [Fact]
    public async Task Redirects_are_followed_and_the_reply_has_the_last_address()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path == "/a") context.Response.Redirect("b?x=1");
            return Task.CompletedTask;
        });
        using var http = Client(server);

        var reply = await GetAsync(http, server.Origin + "/a");

        Assert.Equal((200, new Uri(server.Origin + "/b?x=1")), (reply.Status, reply.RequestAddress));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public async Task Ten_redirects_are_followed_and_no_more(int redirects, bool works)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            var left = int.Parse(context.Request.Path.Value![1..], null);
            if (left > 0) context.Response.Redirect($"/{left - 1}");
            return Task.CompletedTask;
        });
        using var http = Client(server);

        var failure = await Record.ExceptionAsync(() => GetAsync(http, $"{server.Origin}/{redirects}"));

        Assert.Equal(works, failure is null);
        if (!works) Assert.IsType<OutgoingHttpException>(failure);
        Assert.Equal(11, server.Requests.Count);
    }

    [Fact]
    public async Task A_redirect_inside_is_refused()
    {
        await using var inside = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect(inside.Origin);
            return Task.CompletedTask;
        });
        using var http = Client(server);

        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, server.Origin));

        Assert.Contains("is refused", failure.Message, StringComparison.Ordinal);
        Assert.Empty(inside.Requests);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.com/")]
    [InlineData("http://user:password@example.com/")]
    public async Task A_redirect_to_another_form_of_address_is_refused(string target)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect(target);
            return Task.CompletedTask;
        });
        using var http = Client(server);

        await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, server.Origin));
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 0)]
    public async Task Credentials_stay_with_their_origin(bool otherOrigin, int expected)
    {
        await using var target = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path == "/go") context.Response.Redirect(otherOrigin ? target.Origin : "/end");
            return Task.CompletedTask;
        });
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = ["127.0.0.1"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Origin + "/go");
        foreach (var name in (string[])["Authorization", "Proxy-Authorization", "Cookie", "X-Kept"]) request.Headers.TryAddWithoutValidation(name, "v");

        await http.SendAsync(request, Cancel);

        var last = (otherOrigin ? target : server).Requests.Last();
        Assert.Equal(expected, last.Headers.Keys.Count(k => k is "Authorization" or "Proxy-Authorization" or "Cookie"));
        Assert.Equal("v", last.Headers["X-Kept"]);
    }

    [Theory]
    [InlineData(301, "POST", "GET", "")]
    [InlineData(302, "POST", "GET", "")]
    [InlineData(303, "POST", "GET", "")]
    [InlineData(303, "PUT", "GET", "")]
    [InlineData(301, "PUT", "PUT", "body")]
    [InlineData(307, "POST", "POST", "body")]
    [InlineData(308, "POST", "POST", "body")]
    public async Task Redirects_change_the_method_as_browsers_do(int status, string method, string expected, string body)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            if (context.Request.Path != "/go") return Task.CompletedTask;
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/end";
            return Task.CompletedTask;
        });
        using var http = Client(server);
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), server.Origin + "/go") { Content = new StringContent("body") };

        await http.SendAsync(request, Cancel);

        var last = server.Requests.Last();
        Assert.Equal((expected, body), (last.Method, last.Body));
        Assert.Equal(body.Length > 0, last.Headers.ContainsKey("Content-Type"));
    }

    [Fact]
    public async Task A_redirect_without_target_is_a_reply()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            return Task.CompletedTask;
        });
        using var http = Client(server);

        Assert.Equal(302, (await GetAsync(http, server.Origin)).Status);
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Headers.SetCookie = "a=b; Path=/";
            return Task.CompletedTask;
        });
        using var http = Client(server);

        await GetAsync(http, server.Origin);
        await GetAsync(http, server.Origin);

        Assert.All(server.Requests, r => Assert.DoesNotContain("Cookie", r.Headers.Keys));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Compressed_replies_are_read_and_count_by_what_they_hold(string encoding)
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var size = int.Parse(context.Request.Path.Value![1..], null);
            context.Response.Headers.ContentEncoding = encoding;
            await using Stream packed = encoding == "gzip" ? new GZipStream(context.Response.Body, CompressionLevel.Fastest) : new BrotliStream(context.Response.Body, CompressionLevel.Fastest);
            await packed.WriteAsync(new byte[size]);
        });
        using var http = Client(server, maxBody: 10_000);

        Assert.Equal(10_000, (await GetAsync(http, server.Origin + "/10000")).Body.Length);
        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, server.Origin + "/10001"));
        Assert.Equal("The reply of 127.0.0.1 is larger than 10000 bytes", failure.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_that_is_too_large_is_refused(bool announced)
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (announced) context.Response.ContentLength = 1001;
            await context.Response.StartAsync();
            await context.Response.Body.WriteAsync(new byte[1001]);
        });
        using var http = Client(server, maxBody: 1000);

        await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, server.Origin));
    }

    [Fact]
    public async Task The_size_that_a_reply_to_HEAD_announces_does_not_matter()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.ContentLength = 1_000_000_000;
            return Task.CompletedTask;
        });
        using var http = Client(server);
        using var request = new HttpRequestMessage(HttpMethod.Head, server.Origin);

        Assert.Equal(0, (await http.SendAsync(request, Cancel)).Body.Length);
    }

    [Fact]
    public async Task A_reply_that_breaks_off_is_a_failure()
    {
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("short");
            context.Abort();
        });
        using var http = Client(server);

        await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, server.Origin));
    }

    [Fact]
    public async Task An_exchange_ends_when_its_time_is_over()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            arrived.SetResult();
            await LoopbackServer.UntilAbortedAsync(context);
        });
        var clock = new ManualTimers();
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [server.Origin], Timeout = TimeSpan.FromSeconds(7) }, clock);

        var exchange = GetAsync(http, server.Origin);
        await arrived.Task;
        clock.FireAll();

        Assert.Equal("127.0.0.1 did not answer completely within 7 seconds", (await Assert.ThrowsAsync<OutgoingHttpException>(() => exchange)).Message);
    }

    [Fact]
    public async Task A_caller_can_cancel()
    {
        var arrived = new TaskCompletionSource();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            arrived.SetResult();
            await LoopbackServer.UntilAbortedAsync(context);
        });
        using var http = Client(server);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Origin);

        var exchange = http.SendAsync(request, stop.Token);
        await arrived.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exchange);
    }

    [Fact]
    public async Task A_closed_port_is_a_failure_with_the_host()
    {
        var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        var origin = server.Origin;
        using var http = Client(server);
        await server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, origin));

        Assert.StartsWith("The request to 127.0.0.1 failed: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_names_the_host_and_checks_its_certificate()
    {
        string? named = null;
        using var certificate = SelfSigned("secure.example");
        await using var server = await LoopbackServer.StartAsync(_ => Task.CompletedTask, listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, name) =>
        {
            named = name;
            return certificate;
        }));
        using var http = Client(server, "secure.example");

        await Assert.ThrowsAsync<OutgoingHttpException>(() => GetAsync(http, $"https://secure.example:{server.Port}/"));

        Assert.Equal("secure.example", named);
        Assert.Empty(server.Requests);
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private static OutgoingHttp Client(LoopbackServer server, string? trusted = null, int maxBody = 1_000_000) => new(
        new OutgoingHttpOptions { TrustedEndpoints = [trusted ?? server.Origin], MaxBodyBytes = maxBody },
        resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

    private static async Task<OutgoingReply> GetAsync(OutgoingHttp http, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await http.SendAsync(request, Cancel);
    }
}
