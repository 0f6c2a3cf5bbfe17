using System.Net;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Integrations;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Blocks.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class ApiClientTests
{
    private static readonly Vendor Acme = new("jina", "Acme", "https://api.acme.test");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"status": 429, "headers": {"Retry-After": "7"}}""", 7)]
    [InlineData("""{"status": 429, "headers": {"Retry-After": "Wed, 01 Jan 2025 00:00:09 GMT"}}""", 9)]
    [InlineData("""{"status": 429, "body": {"message": "slow down", "retry_after": 0.5}}""", 0.5)]
    [InlineData("""{"status": 429}""", 2)]
    [InlineData("""{"status": 429, "headers": {"Retry-After": "soon"}}""", 2)]
    public async Task A_request_that_was_too_many_is_sent_again_when_the_vendor_says(string refusal, double seconds)
    {
        var run = VendorRun.Of(refusal, """{"fine": true}""");

        var answer = await new ApiClient(Acme, run.Context).PostAsync("/things", new { name = "a" }, Stop);

        Assert.True(answer.GetProperty("fine").GetBoolean());
        Assert.Equal(seconds, Assert.Single(run.Clock.Slept).TotalSeconds);
        Assert.Equal(["""POST https://api.acme.test/things {"name":"a"}""", """POST https://api.acme.test/things {"name":"a"}"""], run.Sent());
    }

    [Theory]
    [InlineData("""{"status": 429, "headers": {"Retry-After": "3600"}, "body": {"error": {"message": "quota"}}}""", 1, "Acme had too many requests of this credential (429): quota. Try again in 3600 seconds")]
    [InlineData("""{"status": 429}""", 4, "Acme had too many requests of this credential (429): no reason given. Try again later")]
    public async Task What_stays_too_many_ends_with_the_time_to_come_back(string refusal, int attempts, string message)
    {
        var run = VendorRun.Of(Enumerable.Repeat(refusal, attempts));

        var failure = await Assert.ThrowsAsync<ApiException>(() => new ApiClient(Acme, run.Context).GetAsync("/", Stop));

        Assert.Equal((429, message), (failure.Status, failure.Message));
        Assert.Equal(attempts, run.Http.Requests.Count);
    }

    [Fact]
    public async Task A_vendor_who_is_out_of_order_is_asked_again_for_what_may_be_asked_twice_and_for_nothing_else()
    {
        var run = VendorRun.Of("""{"status": 503}""", """{"status": 504}""", "1", """{"status": 503, "body": "down"}""");
        var client = new ApiClient(Acme, run.Context);

        Assert.Equal(1, (await client.GetAsync("/", Stop)).GetInt32());
        var failure = await Assert.ThrowsAsync<ApiException>(() => client.PostAsync("/", new { }, Stop));

        Assert.Equal("Acme answered 503: down", failure.Message);
        Assert.Equal(4, run.Http.Requests.Count);
    }

    [Theory]
    [InlineData("""{"status": 401, "body": {"error": "invalid_token"}}""", "Acme refused the credential (401): invalid_token. It is wrong, has expired or was revoked; connect it again or choose another in 'credentials'")]
    [InlineData("""{"status": 403, "body": {"message": "no scope"}}""", "Acme does not allow this with the credential (403): no scope. It may lack a permission, or access to what was named")]
    [InlineData("""{"status": 401, "body": {"message": "the key k-secret is unknown"}}""", "Acme refused the credential (401): the key *** is unknown. It is wrong, has expired or was revoked; connect it again or choose another in 'credentials'")]
    [InlineData("""{"status": 422, "body": {"errors": [{"title": "bad", "detail": "name is taken"}]}}""", "Acme answered 422: name is taken")]
    [InlineData("""{"status": 500, "body": "<p>\n  Oops </p>"}""", "Acme answered 500: <p> Oops </p>")]
    [InlineData("""{"status": 418, "body": {"code": 7}}""", """Acme answered 418: {"code":7}""")]
    [InlineData("""{"status": 200, "body": "<html>"}""", "The answer of Acme cannot be read: it is no JSON")]
    [InlineData("""{"status": 0, "raise": "no route"}""", "Acme could not be reached: no route")]
    public async Task A_failure_names_the_vendor_and_what_he_says_and_no_secret(string reply, string message)
    {
        var failure = await Assert.ThrowsAnyAsync<BlockException>(() => new ApiClient(Acme, VendorRun.Of(reply).Context).PostAsync("/", new { }, Stop));
        Assert.Equal(message, failure.Message);
    }

    [Fact]
    public async Task What_an_answer_must_have_is_named_when_it_lacks_it()
    {
        var client = new ApiClient(Acme, VendorRun.Of("""{"a": null, "b": 1}""").Context);
        var answer = await client.GetAsync("/", Stop);

        Assert.Equal("The answer of Acme cannot be read: it has no 'a'", Assert.Throws<BlockException>(() => client.Need(answer, "a")).Message);
        Assert.Equal("The answer of Acme cannot be read: it has no text 'b'", Assert.Throws<BlockException>(() => client.NeedText(answer, "b")).Message);
        Assert.Equal("The answer of Acme cannot be read: it has no list 'b'", Assert.Throws<BlockException>(() => client.NeedItems(answer, "b")).Message);
    }

    [Theory]
    [InlineData("a b/c", "a%20b%2Fc")]
    [InlineData("..", null)]
    [InlineData(" ", null)]
    public void A_value_cannot_leave_its_segment_of_a_path(string value, string? segment)
    {
        if (segment is null) Assert.Throws<BlockException>(() => ApiRequest.Segment(value, "base_id"));
        else Assert.Equal(segment, ApiRequest.Segment(value, "base_id"));
    }

    [Fact]
    public async Task The_settings_put_another_address_in_place_of_the_vendors_hosts_and_a_redirect_takes_no_key_elsewhere()
    {
        await using var other = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect($"http://other.example:{other.Port}/");
            return Task.CompletedTask;
        });
        using var http = new OutgoingHttp(
            new OutgoingHttpOptions { TrustedEndpoints = [$"own.example:{server.Port}", $"other.example:{other.Port}"] }, resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        var options = new IntegrationOptions { Bases = { ["jina"] = new Uri($"http://own.example:{server.Port}/prefix/") } };
        var vendor = Acme with { Host = "api", Authorization = Vendor.KeyIn("X-Key") };

        await new ApiClient(vendor, Context(http, options)).GetAsync("/v1/things?a=1", Stop);

        var asked = Assert.Single(server.Requests);
        Assert.Equal(("/prefix/api/v1/things?a=1", "k"), (asked.Target, asked.Headers["X-Key"]));
        Assert.DoesNotContain("X-Key", Assert.Single(other.Requests).Headers.Keys);
    }

    [Fact]
    public async Task A_header_of_a_vendor_says_how_long_to_wait_through_the_real_client()
    {
        var answers = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            if (answers++ > 0) return context.Response.WriteAsync("{}");
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "11";
            return Task.CompletedTask;
        });
        using var http = new OutgoingHttp(new OutgoingHttpOptions { TrustedEndpoints = [server.Origin] });
        var run = new TestRun(http: http);

        await new ApiClient(Acme with { Origin = server.Origin }, run.Context).PostAsync("/", new { }, Stop);

        Assert.Equal([11], run.Clock.Slept.Select(pause => pause.TotalSeconds));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Work_is_ordered_once_whatever_attempts_there_are()
    {
        var run = VendorRun.Of();
        var orders = 0;
        Task<string> Order() => Task.FromResult($"job-{++orders}");

        Assert.Equal("job-1", await new ApiJob(new ApiClient(Acme, run.Context), "acme").OrderAsync(Order, Stop));
        Assert.Equal("job-1", await new ApiJob(new ApiClient(Acme, run.Context), "acme").OrderAsync(Order, Stop));
        Assert.Equal(1, orders);
    }

    [Fact]
    public async Task Waiting_for_work_ends_by_the_clock()
    {
        var run = VendorRun.Of();
        var job = new ApiJob(new ApiClient(Acme, run.Context), "acme");

        var failure = await Assert.ThrowsAsync<BlockException>(() => job.WaitAsync(() => Task.FromResult<int?>(null), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), Stop));

        Assert.Equal("The job of acme did not end within 30 seconds", failure.Message);
        Assert.Equal(3, run.Clock.Slept.Count);
    }

    private static BlockContext Context(IOutgoingHttp http, IntegrationOptions options)
    {
        var run = new TestRun(http: http).Context;
        return new BlockContext
        {
            UserId = run.UserId,
            GraphId = run.GraphId,
            RunId = run.RunId,
            NodeId = run.NodeId,
            NodeExecutionId = run.NodeExecutionId,
            Clock = run.Clock,
            Http = http,
            Streams = run.Streams,
            Models = run.Models,
            Files = run.Files,
            KeyValues = run.KeyValues,
            Library = run.Library,
            Credentials = run.Credentials,
            Integrations = options,
        };
    }
}
