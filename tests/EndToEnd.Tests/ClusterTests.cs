using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Several processes on one database, as a user starts them.</summary>
public sealed class ClusterTests
{
    private static readonly Dictionary<string, string> SiloRole = new(StringComparer.Ordinal) { ["ROLE"] = "silo" };
    private static readonly Dictionary<string, string> GatewayRole = new(StringComparer.Ordinal) { ["ROLE"] = "gateway" };

    [Fact]
    public async Task Any_process_serves_any_user_and_the_command_line_asks_one_of_them()
    {
        await using var place = await ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        Trust(place, world);
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());

        var graph = await CreateAsync(one, world);
        var run = await StartRunAsync(two, graph, "r0");
        Assert.Equal("COMPLETED", await one.EndOfAsync(graph, run));

        var agent = place.File("agent.json", Agent(world).Json());
        var ended = await place.RunAsync(agent, "--input", "run=r1", "--json");
        Assert.Equal((0, "COMPLETED"), (ended.ExitCode, JsonElement.Parse(ended.Output).GetProperty("status").GetString()));
        Assert.Equal((1, 1), (world.Calls["r0-first"], world.Calls["r1-second"]));

        var scenario = await place.RunAsync(agent, "--scenario", place.File("scenario.json", "{}"));
        Assert.Equal((1, "A scenario runs alone, with data of its own: leave CLUSTER out and give another --data DIR or DATABASE_URL."), (scenario.ExitCode, scenario.LastError));
    }

    [Fact(Explicit = true)]
    public async Task A_server_that_is_alone_and_another_cluster_are_refused_by_name_and_the_other_way_round()
    {
        await using var place = await ClusterPlaceAsync();
        await using (await RunningServer.StartAsync(place, FreePorts.Pair()))
        {
            place.Environment.Remove("CLUSTER");
            var alone = await place.RunAsync("--port", $"{FreePorts.Pair()}");
            place.Environment["CLUSTER"] = "y";
            var other = await place.RunAsync("--port", $"{FreePorts.Pair()}");

            Assert.Equal((1, 1), (alone.ExitCode, other.ExitCode));
            Assert.StartsWith("Cluster 'x' runs on this database: grainflow ", alone.LastError, StringComparison.Ordinal);
            Assert.EndsWith("Set CLUSTER=x to join it, or use another database.", alone.LastError, StringComparison.Ordinal);
            Assert.EndsWith("Cluster 'y' cannot use it as well; use another database.", other.LastError, StringComparison.Ordinal);
        }

        place.Environment.Remove("CLUSTER");
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        place.Environment["CLUSTER"] = "x";
        var cluster = await place.RunAsync("--port", $"{FreePorts.Pair()}");

        Assert.Equal(1, cluster.ExitCode);
        Assert.EndsWith("Stop it before cluster 'x' uses this database.", cluster.LastError, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Five_processes_that_migrate_an_empty_database_at_once_bring_it_up_to_date_together()
    {
        await using var place = await Workplace.CreateAsync(isEmpty: true);
        place.Environment["CLUSTER"] = "x";

        var ended = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => place.RunAsync("--migrate")));

        Assert.All(ended, result => Assert.Equal((0, ""), (result.ExitCode, result.Errors)));
        Assert.Equal(0, (await place.RunAsync("--migrate")).ExitCode);
        await using var silo = await RunningServer.StartAsync(place, FreePorts.Pair());
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAsync("/api/graphs")).StatusCode);
    }

    [Fact(Explicit = true)]
    public async Task A_gateway_answers_503_until_a_silo_is_in_reach()
    {
        await using var place = await ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        Trust(place, world);
        await using var gateway = await RunningServer.StartAsync(place, FreePorts.Pair(), GatewayRole);
        var (ready, live) = (await gateway.Http.GetAsync("/health/ready"), await gateway.Http.GetAsync("/health/live"));
        var graphs = await gateway.Http.GetAsync("/api/graphs");
        await gateway.SaysAsync("No silo of cluster 'x' is in reach; this gateway waits for one, and answers 503 until then.");

        await using var silo = await RunningServer.StartAsync(place, FreePorts.Pair(), SiloRole);
        await gateway.AnswersAsync("/health/ready");
        var graph = await CreateAsync(gateway, world);
        var run = await StartRunAsync(gateway, graph, "r0");

        Assert.Equal("COMPLETED", await gateway.EndOfAsync(graph, run));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready.StatusCode, live.StatusCode));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (graphs.StatusCode, graphs.Headers.RetryAfter?.Delta));
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Http.GetAsync("/api/graphs")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAsync("/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await silo.Http.GetAsync("/dashboard/")).StatusCode);
    }

    [Fact]
    public async Task Runs_go_on_elsewhere_after_the_Crash_of_a_process()
    {
        const int Runs = 8;
        await using var place = await ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        Trust(place, world);
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());
        var graph = await CreateAsync(one, world);
        var held = Enumerable.Range(0, Runs).Select(run => world.HoldNext($"r{run}-first")).ToList();
        var runs = new List<string>();
        for (var run = 0; run < Runs; run++) runs.Add(await StartRunAsync(run % 2 == 0 ? one : two, graph, $"r{run}"));
        await Task.WhenAll(held);

        await one.KillAsync();
        for (var run = 0; run < Runs; run++) world.Answer($"r{run}-first");

        foreach (var run in runs) Assert.Equal("COMPLETED", await two.EndOfAsync(graph, run));
        for (var run = 0; run < Runs; run++)
        {
            Assert.InRange(world.Calls[$"r{run}-first"], 1, 2);
            Assert.Equal(1, world.Calls[$"r{run}-second"]);
        }

        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM (SELECT id FROM node_executions WHERE status = 'COMPLETED' GROUP BY id HAVING count(*) > 1) twice"));
    }

    [Fact(Explicit = true)]
    public async Task Killed_all_at_once_and_started_at_other_addresses_the_processes_go_on_with_every_run()
    {
        await using var place = await ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        Trust(place, world);
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());
        var graph = await CreateAsync(one, world);
        var held = world.HoldNext("r0-first");
        var run = await StartRunAsync(two, graph, "r0");
        await held;

        await Task.WhenAll(one.KillAsync(), two.KillAsync());
        foreach (var ports in Directory.GetFiles(place.Folder, "orleans-*.json")) File.Delete(ports);
        await Task.WhenAll(one.RestartAsync(), two.RestartAsync());

        Assert.Equal("COMPLETED", await one.EndOfAsync(graph, run));
        Assert.Equal((2, 1), (world.Calls["r0-first"], world.Calls["r0-second"]));
    }

    [Fact(Explicit = true)]
    public async Task A_cluster_goes_on_when_the_database_ends_all_its_sessions()
    {
        await using var place = await ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        Trust(place, world);
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair());
        var graph = await CreateAsync(one, world);
        var held = world.HoldNext("r0-first");
        var run = await StartRunAsync(two, graph, "r0");
        await held;
        const string Holders = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND mode = 'ShareLock' AND datname = current_database()";
        Assert.Equal(2, await place.CountAsync(Holders));

        // As a restart of PostgreSQL does; the lock of the cluster goes with its sessions.
        await place.CountAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        world.Answer("r0-first");

        // A request that meets one of the ended sessions fails, so the rows are asked.
        await place.UntilAsync($"SELECT count(*) FROM runs WHERE id = '{run}' AND status = 'COMPLETED'");
        Assert.Equal((1, 1), (world.Calls["r0-first"], world.Calls["r0-second"]));
        await place.UntilAsync($"SELECT ({Holders}) / 2");
        Assert.False(one.HasEnded || two.HasEnded);
    }

    [Fact(Explicit = true)]
    public async Task A_request_that_meets_an_ended_session_of_the_database_is_answered_503_and_may_be_repeated()
    {
        await using var place = await ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        Trust(place, world);
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var gateway = await RunningServer.StartAsync(place, FreePorts.Pair(), GatewayRole);
        var graph = await CreateAsync(server, world);
        var statuses = new List<(HttpStatusCode Status, TimeSpan? RetryAfter)>();
        foreach (var (process, name) in new[] { (server, "warm"), (gateway, "warm too"), (server, "r0"), (gateway, "r1"), (server, "r2"), (gateway, "r3") })
        {
            if (name[0] == 'r') await place.CountAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/graphs/{graph}/execute/1") { Content = JsonContent.Create(new { inputs = new { run = name } }) };
                request.Headers.Add("Idempotency-Key", name);
                using var answer = await process.Http.SendAsync(request);
                if (answer.IsSuccessStatusCode) break;
                statuses.Add((answer.StatusCode, answer.Headers.RetryAfter?.Delta));
                Assert.True(statuses.Count < 50);
            }
        }

        Assert.All(statuses, status => Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), status));
    }

    [Fact(Explicit = true)]
    public async Task Processes_with_certificates_of_one_authority_talk_through_TLS_and_one_without_stays_out()
    {
        await using var place = await ClusterPlaceAsync();
        await using var world = await OutsideWorld.StartAsync();
        Trust(place, world);
        var tls = Certificates(place);
        await using var silo = await RunningServer.StartAsync(place, FreePorts.Pair(), new Dictionary<string, string>(tls.Concat(SiloRole), StringComparer.Ordinal));
        await using var gateway = await RunningServer.StartAsync(place, FreePorts.Pair(), new Dictionary<string, string>(tls.Concat(GatewayRole), StringComparer.Ordinal));
        await using var plain = await RunningServer.StartAsync(place, FreePorts.Pair(), GatewayRole);
        await gateway.AnswersAsync("/health/ready");

        var graph = await CreateAsync(gateway, world);
        Assert.Equal("COMPLETED", await gateway.EndOfAsync(graph, await StartRunAsync(gateway, graph, "r0")));
        await plain.SaysAsync("No silo of cluster 'x' is in reach");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await plain.Http.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task A_process_that_was_declared_dead_during_a_pause_ends_with_a_line_and_an_exit_code_of_its_own()
    {
        await using var place = await ClusterPlaceAsync();
        await using var one = await RunningServer.StartAsync(place, FreePorts.Pair());
        await using var two = await RunningServer.StartAsync(place, FreePorts.Pair(), SiloRole);

        await two.SignalAsync("STOP");
        await place.UntilAsync("SELECT count(*) FROM orleansmembershiptable WHERE status = 6");
        await two.SignalAsync("CONT");
        var ended = await two.EndAsync();

        Assert.Equal(75, ended.ExitCode);
        Assert.Contains(ended.Errors.Split('\n'), line => line.StartsWith("Silo 127.0.0.1:", StringComparison.Ordinal)
            && line.EndsWith("the others go on with its runs. Start it again (exit code 75).", StringComparison.Ordinal));
        await two.RestartAsync();
        await two.AnswersAsync("/health/ready");
    }

    /// <summary>A workplace whose processes are of one cluster.</summary>
    internal static async Task<Workplace> ClusterPlaceAsync()
    {
        var place = await Workplace.CreateAsync();
        place.Environment["CLUSTER"] = "x";
        return place;
    }

    /// <summary>The settings of a certificate that an authority has signed, both made for this test.</summary>
    private static Dictionary<string, string> Certificates(Workplace place)
    {
        var now = DateTimeOffset.UtcNow;
        using var authorityKey = RSA.Create(2048);
        var authorityRequest = new CertificateRequest("CN=authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=grainflow", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).Create(authority, now.AddDays(-1), now.AddDays(1), [1]);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ORLEANS_TLS_CERTIFICATE_FILE"] = place.File("process.pem", certificate.ExportCertificatePem()),
            ["ORLEANS_TLS_KEY_FILE"] = place.File("key.pem", key.ExportPkcs8PrivateKeyPem()),
            ["ORLEANS_TLS_CA_FILE"] = place.File("authority.pem", authority.ExportCertificatePem()),
        };
    }

    /// <summary>Lets blocks call a world on loopback.</summary>
    internal static void Trust(Workplace place, OutsideWorld world) => place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;

    /// <summary>Two requests, one after the other, whose names begin with the input <c>run</c>.</summary>
    private static AgentBuilder Agent(OutsideWorld world)
    {
        var agent = new AgentBuilder("two requests").Node("in", AgentBuilder.TextInput, new JsonObject { ["name"] = "run" });
        foreach (var step in new[] { "first", "second" })
        {
            agent.Node($"{step}-url", AgentBuilder.Template, new JsonObject { ["format"] = $"{world.Address}/step/{{{{ run }}}}-{step}" })
                .Node(step, AgentBuilder.WebRequest)
                .Link("in", "result", $"{step}-url", "values_#_run")
                .Link($"{step}-url", "output", step, "url");
        }

        return agent.Link("first", "response", "second", "body_#_before");
    }

    /// <summary>Stores the agent of two requests.</summary>
    internal static async Task<string> CreateAsync(RunningServer server, OutsideWorld world) =>
        (await server.PostAsync("/api/graphs", new JsonObject { ["graph"] = JsonNode.Parse(Agent(world).Json()) }.ToJsonString())).GetProperty("id").GetString()!;

    /// <summary>Starts a run whose calls are named by it: <c>NAME-first</c>, and when that is answered <c>NAME-second</c>.</summary>
    internal static async Task<string> StartRunAsync(RunningServer server, string graph, string name) =>
        (await server.PostAsync($"/api/graphs/{graph}/execute/1", new JsonObject { ["inputs"] = new JsonObject { ["run"] = name } }.ToJsonString())).GetProperty("id").GetString()!;
}
