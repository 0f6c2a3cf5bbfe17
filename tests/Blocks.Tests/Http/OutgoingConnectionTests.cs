using System.Collections.Concurrent;
using System.Net;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Tests.Http;

/// <summary>Which connection a request takes, when it is sent again, and what a request that was lost says.</summary>
public sealed class OutgoingConnectionTests
{
    private const string MayBeReceived = "request may have been received; it was not sent again.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Repeatable => new()
    {
        { "GET", null },
        { "HEAD", null },
        { "PUT", null },
        { "DELETE", null },
        { "POST", "Idempotency-Key" },
        { "PATCH", "idempotency-key" },
    };

    public static TheoryData<string, bool, bool> Unrepeatable => new(
        from method in new[] { "POST", "PATCH", "OPTIONS" }
        from body in new[] { true, false }
        from reset in new[] { true, false }
        select (method, body, reset));

    [Theory]
    [InlineData("HTTP/1.0", "closes after each answer")]
    [InlineData("HTTP/1.1", "closes after each answer")]
    [InlineData("HTTP/1.1", "closes when the next request arrives")]
    [InlineData("HTTP/1.1", "resets when the next request arrives")]
    public async Task No_step_is_lost_or_sent_twice_to_a_server_that_ends_its_connections_without_announcing_it(string version, string habit)
    {
        await using var server = new RawServer(async connection =>
        {
            // The client opens some connections that it does not need in the end.
            if (await connection.ReceiveAsync() is not { } request) return;
            await connection.AnswerAsync(request, version);
            if (habit == "closes after each answer") return;
            await connection.ReceiveAsync();
            if (habit == "resets when the next request arrives") connection.Reset();
        });
        using var http = Client(server);

        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (step, _) =>
        {
            // The GET leaves a connection that the POST must not take.
            Assert.Equal(200, (await SendAsync(http, "GET", server.Origin)).Status);
            Assert.Equal(200, (await SendAsync(http, "POST", $"{server.Origin}/{step}", body: "step")).Status);
        });

        Assert.Equal(Enumerable.Range(0, 200).Select(step => $"/{step}").Order(), server.Requests.Where(request => request.Method == "POST").Select(request => request.Target).Order());
    }

    [Fact]
    public async Task Requests_that_may_be_repeated_share_a_connection()
    {
        await using var server = new RawServer(AnswerAllAsync);
        using var http = Client(server);

        foreach (var method in (string[])["GET", "HEAD", "PUT", "DELETE"]) await SendAsync(http, method, server.Origin);

        Assert.All(server.Requests, request => Assert.Equal(1, request.Connection));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    public async Task Any_other_request_takes_a_connection_that_carried_nothing_before_and_carries_nothing_after(string method)
    {
        await using var server = new RawServer(AnswerAllAsync);
        using var http = Client(server);

        await SendAsync(http, "GET", server.Origin);
        await SendAsync(http, method, server.Origin, body: "a");
        await SendAsync(http, method, server.Origin, body: "b");
        await SendAsync(http, "GET", server.Origin);

        Assert.Equal([1, 2, 3, 1], server.Requests.Select(request => request.Connection));
        Assert.Equal([false, true, true, false], server.Requests.Select(request => request.Head.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Unrepeatable))]
    public async Task A_request_that_is_counted_and_not_answered_is_counted_once_and_fails(string method, bool body, bool reset)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReceiveAsync();
            if (reset) connection.Reset();
        });
        using var http = Client(server);

        var failure = await FailureAsync(http, method, server.Origin, body: body ? "once" : null);

        Assert.Single(server.Requests);
        Assert.StartsWith("The request to 127.0.0.1 failed: ", failure, StringComparison.Ordinal);
        Assert.EndsWith($". The {method} {MayBeReceived}", failure, StringComparison.Ordinal);
        if (!reset) Assert.Contains("The connection was closed before an answer came", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_header_Expect_does_not_make_a_request_be_sent_twice()
    {
        var heads = new ConcurrentQueue<string?>();
        await using var server = new RawServer(async connection => heads.Enqueue(await connection.ReceiveHeadAsync()));
        using var http = Client(server);

        var failure = await FailureAsync(http, "POST", server.Origin, body: "later", header: ("Expect", "100-continue"));

        Assert.Contains("Expect: 100-continue", Assert.Single(heads), StringComparison.Ordinal);
        Assert.EndsWith(MayBeReceived, failure, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Repeatable))]
    public async Task A_request_that_may_be_repeated_is_sent_again_when_a_kept_connection_is_closed_as_it_arrives(string method, string? keyHeader) =>
        await AssertSentAgainAsync(method, keyHeader, connection => connection.Close());

    [Theory]
    [MemberData(nameof(Repeatable))]
    public async Task A_request_that_may_be_repeated_is_sent_again_when_a_kept_connection_is_reset_as_it_arrives(string method, string? keyHeader) =>
        await AssertSentAgainAsync(method, keyHeader, connection => connection.Reset());

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task An_idempotency_key_without_a_value_is_none(string key)
    {
        await using var server = new RawServer(AnswerAllAsync);
        using var http = Client(server);

        await SendAsync(http, "GET", server.Origin);
        await SendAsync(http, "POST", server.Origin, header: ("Idempotency-Key", key));

        Assert.Equal([1, 2], server.Requests.Select(request => request.Connection));
    }

    [Fact]
    public async Task A_request_is_sent_again_once()
    {
        await using var server = new RawServer(async connection =>
        {
            var request = await connection.ReceiveAsync();
            if (request!.Target != "/warm") return;
            await connection.AnswerAsync(request);
            await connection.ReceiveAsync();
        });
        using var http = Client(server);
        await SendAsync(http, "GET", server.Origin + "/warm");

        var failure = await FailureAsync(http, "GET", server.Origin + "/lost");

        Assert.Equal("The request to 127.0.0.1 failed: The connection was closed before an answer came", failure);
        Assert.Equal([(1, "/warm"), (1, "/lost"), (2, "/lost")], server.Requests.Select(request => (request.Connection, request.Target)));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task No_request_is_sent_again_when_its_connection_carried_nothing_before(string method)
    {
        await using var server = new RawServer(connection => connection.ReceiveAsync());
        using var http = Client(server);

        await FailureAsync(http, method, server.Origin);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task No_request_is_sent_again_when_its_answer_began()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.AnswerAsync((await connection.ReceiveAsync())!);
            await connection.ReceiveAsync();
            await connection.SendAsync("H");
        });
        using var http = Client(server);
        await SendAsync(http, "GET", server.Origin);

        await FailureAsync(http, "GET", server.Origin + "/begun");

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, false)]
    public async Task A_connection_that_waited_for_its_first_request_counts_as_kept(long opened, bool isReused)
    {
        var transmission = new Transmission { Order = 2 };
        await using var connection = new ObservedConnection(new MemoryStream(), opened, new AsyncLocal<Transmission?> { Value = transmission });

        await connection.WriteAsync(new byte[1], Cancel);
        await Assert.ThrowsAsync<IOException>(() => connection.ReadAsync(new byte[1], Cancel).AsTask());

        Assert.Equal((true, isReused, false), (transmission.IsSent, transmission.IsReused, transmission.IsAnswered));
    }

    [Fact]
    public async Task Nothing_is_sent_on_a_connection_whose_end_was_read()
    {
        var transmission = new Transmission { Order = 2 };
        using var written = new MemoryStream();
        await using var connection = new ObservedConnection(written, 1, new AsyncLocal<Transmission?> { Value = transmission });

        Assert.Equal(0, await connection.ReadAsync(new byte[1], Cancel));
        await Assert.ThrowsAsync<IOException>(() => connection.WriteAsync(new byte[1], Cancel).AsTask());

        Assert.Equal((false, true, false), (transmission.IsSent, transmission.IsReused, transmission.IsAnswered));
        Assert.Equal(0, written.Length);
    }

    [Fact]
    public async Task A_kept_connection_that_the_server_has_closed_is_not_taken()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async connection =>
        {
            await connection.AnswerAsync((await connection.ReceiveAsync())!);
            connection.Close();
            closed.TrySetResult();
        });
        using var http = Client(server);
        await SendAsync(http, "GET", server.Origin + "/first");
        await closed.Task;

        await SendAsync(http, "GET", server.Origin + "/second");

        Assert.Equal([(1, "/first"), (2, "/second")], server.Requests.Select(request => (request.Connection, request.Target)));
    }

    [Fact]
    public async Task Requests_beside_each_other_are_each_sent_again_on_their_own()
    {
        const int Count = 20;
        var warm = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async connection =>
        {
            var first = await connection.ReceiveAsync();
            // The first requests wait for each other, so that each has a connection of its own.
            if (first!.Target == "/warm" && Interlocked.Increment(ref warm) == Count) all.SetResult();
            await all.Task;
            await connection.AnswerAsync(first);
            await connection.ReceiveAsync();
        });
        using var http = Client(server);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => SendAsync(http, "GET", server.Origin + "/warm")));

        var replies = await Task.WhenAll(Enumerable.Range(0, Count).Select(step => SendAsync(http, "PUT", $"{server.Origin}/{step}", body: $"/{step}")));

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        var sent = server.Requests.Where(request => request.Target != "/warm").GroupBy(request => request.Target).ToList();
        Assert.Equal(Count, sent.Count);
        Assert.All(sent, requests => Assert.Equal([requests.Key, requests.Key], requests.Select(request => request.Body)));
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_post_that_a_redirect_repeats_takes_a_fresh_connection_again_and_is_sent_once(int status)
    {
        await using var server = new RawServer(async connection =>
        {
            while (await connection.ReceiveAsync() is { Target: "/first" }) await connection.SendAsync($"HTTP/1.1 {status} Elsewhere\r\nLocation: /second\r\nContent-Length: 0\r\n\r\n");
        });
        using var http = Client(server);

        var failure = await FailureAsync(http, "POST", server.Origin + "/first", body: "once");

        Assert.EndsWith($"The POST {MayBeReceived}", failure, StringComparison.Ordinal);
        Assert.Equal([(1, "/first", "once"), (2, "/second", "once")], server.Requests.Select(request => (request.Connection, request.Target, request.Body)));
    }

    [Fact]
    public async Task A_post_that_led_to_a_page_which_is_lost_may_have_been_received()
    {
        await using var server = new RawServer(async connection =>
        {
            if (await connection.ReceiveAsync() is { Method: "POST" }) await connection.SendAsync("HTTP/1.1 303 See Other\r\nLocation: /page\r\nContent-Length: 0\r\n\r\n");
        });
        using var http = Client(server);

        var failure = await FailureAsync(http, "POST", server.Origin);

        Assert.EndsWith($"The POST {MayBeReceived}", failure, StringComparison.Ordinal);
        Assert.Equal(["POST", "GET"], server.Requests.Select(request => request.Method));
    }

    [Theory]
    [InlineData("POST", "127.0.0.1 did not answer completely within 7 seconds. The POST " + MayBeReceived)]
    [InlineData("GET", "127.0.0.1 did not answer completely within 7 seconds")]
    public async Task A_request_whose_time_is_over_says_whether_it_may_have_been_received(string method, string expected)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async connection =>
        {
            await connection.ReceiveAsync();
            arrived.SetResult();
            await connection.ReceiveAsync();
        });
        var clock = new ManualTimers();
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [server.Origin], Timeout = TimeSpan.FromSeconds(7) }, clock);

        var failure = FailureAsync(http, method, server.Origin);
        await arrived.Task;
        clock.FireAll();

        Assert.Equal(expected, await failure);
    }

    [Fact]
    public async Task A_request_whose_time_is_over_before_it_has_a_connection_was_not_received()
    {
        var resolving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = new ManualTimers();
        using var http = new OutgoingHttp(new OutgoingHttpOptions { Timeout = TimeSpan.FromSeconds(7) }, clock, async (_, cancellationToken) =>
        {
            resolving.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return [];
        });

        var failure = FailureAsync(http, "POST", "http://slow.example/");
        await resolving.Task;
        clock.FireAll();

        Assert.Equal("slow.example did not answer completely within 7 seconds", await failure);
    }

    [Fact]
    public async Task A_request_to_a_closed_port_was_not_received()
    {
        var server = new RawServer(AnswerAllAsync);
        using var http = Client(server);
        await server.DisposeAsync();

        var failure = await FailureAsync(http, "POST", server.Origin, body: "never");

        Assert.StartsWith("The request to 127.0.0.1 failed: Connection refused", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("received", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_of_a_fresh_connection_is_checked_as_that_of_a_kept_one()
    {
        var lookups = 0;
        IPAddress[] addresses = [IPAddress.Loopback];
        await using var server = new RawServer(AnswerAllAsync);
        using var trusting = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = ["a.example"] }, resolve: Resolve);
        using var http = new OutgoingHttp(new OutgoingHttpOptions(), resolve: Resolve);
        var address = $"http://a.example:{new Uri(server.Origin).Port}/";

        foreach (var method in (string[])["GET", "POST", "GET", "POST"]) await SendAsync(trusting, method, address);
        Assert.Equal(3, lookups);

        var failure = await FailureAsync(http, "POST", address);
        Assert.StartsWith("Access to a.example", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("received", failure, StringComparison.Ordinal);
        Assert.Equal(4, server.Requests.Count);

        Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken)
        {
            lookups++;
            return Task.FromResult(addresses);
        }
    }

    private static async Task AssertSentAgainAsync(string method, string? keyHeader, Action<RawServer.Connection> end)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.AnswerAsync((await connection.ReceiveAsync())!);
            if (await connection.ReceiveAsync() is not null) end(connection);
        });
        using var http = Client(server);
        var key = keyHeader is null ? default((string, string)?) : (keyHeader, "key-1");
        await SendAsync(http, "GET", server.Origin + "/warm");

        var reply = await SendAsync(http, method, server.Origin + "/again", body: "same", key);

        Assert.Equal(200, reply.Status);
        Assert.Equal([(1, "/warm"), (1, "/again"), (2, "/again")], server.Requests.Select(request => (request.Connection, request.Target)));
        var sent = server.Requests.ToArray();
        Assert.Equal((sent[1].Head, "same"), (sent[2].Head.Replace("Connection: close\r\n", "", StringComparison.Ordinal), sent[2].Body));
        if (keyHeader is not null) Assert.Contains($"{keyHeader}: key-1\r\n", sent[2].Head, StringComparison.Ordinal);
    }

    private static async Task AnswerAllAsync(RawServer.Connection connection)
    {
        while (await connection.ReceiveAsync() is { } request) await connection.AnswerAsync(request);
    }

    private static OutgoingHttp Client(RawServer server) => new(new OutgoingHttpOptions { TrustedEndpoints = [server.Origin] });

    private static async Task<OutgoingReply> SendAsync(OutgoingHttp http, string method, string url, string? body = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), url);
        if (body is not null) request.Content = new StringContent(body);
        if (header is { } given) request.Headers.TryAddWithoutValidation(given.Name, given.Value);
        return await http.SendAsync(request, Cancel);
    }

    private static async Task<string> FailureAsync(OutgoingHttp http, string method, string url, string? body = null, (string Name, string Value)? header = null) =>
        (await Assert.ThrowsAsync<OutgoingHttpException>(() => SendAsync(http, method, url, body, header))).Message;
}
