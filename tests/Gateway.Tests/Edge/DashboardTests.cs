using Grainflow.Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>Orleans' dashboard behind the server's own rules.</summary>
public sealed class DashboardTests(ApiServer server) : IClassFixture<ApiServer>
{
    public static TheoryData<string> Paths =>
        ["/dashboard/", "/dashboard/index.html", "/dashboard/index.min.js", "/dashboard/version", "/dashboard/DashboardCounters", "/dashboard/ClusterStats", "/dashboard/Reminders", "/dashboard/GrainState", "/dashboard/Trace"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Nobody_gets_in_without_a_valid_token(string path)
    {
        foreach (var token in new[] { null, "not-a-token" })
        {
            var answer = await server.With(token).GetAsync(path);
            answer.IsDetail(401);
            Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_user_who_is_no_administrator_is_refused(string path) => (await server.Anybody().GetAsync(path)).IsDetail(403);

    [Fact]
    public async Task An_administrator_sees_the_page_with_a_policy_that_lets_its_script_run()
    {
        var admin = server.For("root", "admin");
        var page = await admin.GetAsync("/dashboard/");
        Assert.Equal(200, page.Status);
        Assert.Contains("<title>Orleans Dashboard</title>", page.Text, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'self'; ", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal("DENY", page.Headers["X-Frame-Options"]);
        var script = await admin.GetAsync("/dashboard/index.min.js");
        Assert.Equal(200, script.Status);
        Assert.Contains("javascript", script.Headers["Content-Type"], StringComparison.Ordinal);
        // Without inline scripts the policy above is enough.
        Assert.DoesNotContain("<script>", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", (await admin.GetAsync("/api/graphs")).Headers["Content-Security-Policy"]);
    }

    [Fact]
    public void It_runs_nothing_beside_the_silo_while_nobody_looks() =>
        Assert.DoesNotContain(server.Services.GetServices<IHostedService>(), service => service.GetType().Assembly.GetName().Name == "Orleans.Dashboard");

    [Fact]
    public async Task What_it_does_not_have_is_not_found()
    {
        var admin = server.For("root", "admin");
        Assert.Equal((404, 404), ((await admin.GetAsync("/dashboard/nothing")).Status, (await admin.GetAsync("/dashboard/fonts/nothing")).Status));
        (await server.Anybody().GetAsync("/dashboard/nothing")).IsDetail(403);
    }

    [Fact]
    public async Task Its_address_without_the_slash_leads_to_the_page()
    {
        var answer = await server.For("root", "admin").GetAsync("/dashboard");
        Assert.Equal((307, "/dashboard/"), (answer.Status, answer.Headers["Location"]));
    }

    [Fact]
    public async Task It_knows_the_grains_of_the_cluster()
    {
        var answer = await server.For("root", "admin").GetAsync("/dashboard/GrainTypes");
        Assert.Equal(200, answer.Status);
        Assert.Contains("GraphExecutionGrain", answer.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await server.For("root", "admin").GetAsync("/dashboard/DashboardCounters")).Status);
    }

    [Theory]
    [InlineData("/dashboard/GrainState?grainId=root&grainType=UserGrain")]
    [InlineData("/dashboard/grainstate?grainId=root&grainType=UserGrain")]
    [InlineData("/dashboard/Trace")]
    public async Task It_shows_neither_the_state_of_grains_nor_the_log(string path) =>
        Assert.Equal(403, (await server.For("root", "admin").GetAsync(path)).Status);
}

/// <summary>The dashboard of a server without accounts, as <c>./run</c> has it.</summary>
public sealed class OpenDashboardTests(OpenServerTests.Server server) : IClassFixture<OpenServerTests.Server>
{
    [Fact]
    public async Task Everybody_on_this_machine_is_its_administrator_and_no_foreign_page_is()
    {
        Assert.Equal(200, (await server.With(null).GetAsync("/dashboard/")).Status);
        (await server.With(null).SendAsync(HttpMethod.Get, "/dashboard/DashboardCounters", change: request => request.Headers.Add("Origin", "http://evil.example"))).IsDetail(403);
    }
}
