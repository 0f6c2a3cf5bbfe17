using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;
using Xunit.Sdk;

namespace Grainflow.EndToEnd.Tests;

/// <summary>A cluster of real processes under load, whose silos are killed, paused and restarted, and whose database is restarted.</summary>
public sealed class ClusterChaosTests(ITestOutputHelper output) : IAsyncDisposable
{
    private static readonly PricedChain s_chain = new(5);
    private static readonly Dictionary<string, string> s_gatewayRole = new(StringComparer.Ordinal) { ["ROLE"] = "gateway" };
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly List<RunningServer> _silos = [];
    private readonly List<RunningServer> _gateways = [];
    private readonly List<string> _runs = [];
    private PrivatePostgres? _postgres;
    private Workplace? _place;
    private OutsideWorld? _world;
    private JsonElement _graph;

    private string GraphId => _graph.GetProperty("id").GetString()!;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _gateways.Concat(_silos)) await server.DisposeAsync();
        if (_world is not null) await _world.DisposeAsync();
        if (_place is not null) await _place.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
    }

    [Fact(Explicit = true)]
    public async Task Two_hundred_runs_survive_ten_kills_and_three_pauses_of_silos_and_a_restart_of_PostgreSQL()
    {
        const int Kills = 10;
        const int Pauses = 3;
        const int RunsOfARound = 200 / (Kills + Pauses + 1);
        _postgres = await PrivatePostgres.StartAsync();
        await StartAsync(Workplace.On(_postgres), silos: 3, gateways: 2);
        // ./test prints the seed and takes it.
        var random = new Random(Randomizer.Seed);
        var rounds = Enumerable.Repeat("kill", Kills).Concat(Enumerable.Repeat("pause", Pauses)).ToArray();
        random.Shuffle(rounds);
        const string Restart = "restart of PostgreSQL";

        foreach (var round in rounds[..(rounds.Length / 2)].Append(Restart).Concat(rounds[(rounds.Length / 2)..]))
        {
            await SubmitAsync(RunsOfARound);
            var silo = _silos[random.Next(_silos.Count)];
            if (round == Restart) await _postgres.CrashAndRestartAsync();
            else if (round == "kill") await silo.KillAsync();
            else await PauseAsync(silo);
            output.WriteLine($"A {round}; {_runs.Count} runs, {_world!.Calls.Values.Sum()} calls.");
            // One that was declared dead in its pause has ended, and whoever supervises it starts it again.
            foreach (var ended in _silos.Where(other => other.HasEnded)) await ended.RestartAsync();
        }

        await SubmitAsync(200 - _runs.Count);
        await AssertAllEndedAsync(mostAttempts: 1 + Kills + Pauses, mostCalls: 1 + Kills + Pauses);
    }

    [Fact(Explicit = true)]
    public async Task A_rolling_restart_under_load_repeats_no_call_and_fails_no_request_that_is_repeated_once() => await RollAsync(silos: 2);

    [Fact(Explicit = true)]
    public async Task A_rolling_restart_of_three_under_load_repeats_no_call_and_fails_no_request_that_is_repeated_once() => await RollAsync(silos: 3);

    /// <summary>Restarts one silo after the other, each while runs are under way on it and further ones are started through the others.</summary>
    private async Task RollAsync(int silos)
    {
        await StartAsync(await Workplace.CreateAsync(), silos, gateways: 0);
        foreach (var silo in _silos)
        {
            await SubmitAsync(8);
            await silo.SignalAsync("TERM");
            await SubmitAsync(8, once: true, leaving: silo);
            Assert.Equal(0, (await silo.EndAsync()).ExitCode);
            await silo.RestartAsync();
        }

        // An attempt that a leaving silo hands on before its block has begun is counted by the log and noticed by nobody.
        await AssertAllEndedAsync(mostAttempts: 1 + silos, mostCalls: 1);
    }

    private static async Task PauseAsync(RunningServer silo)
    {
        await silo.SignalAsync("STOP");
        // The pause itself is what is tested: no event could tell its end.
        await Task.Delay(Pause, TestContext.Current.CancellationToken);
        await silo.SignalAsync("CONT");
        await silo.SettledAsync();
    }

    private async Task StartAsync(Workplace place, int silos, int gateways)
    {
        _place = place;
        _world = await OutsideWorld.StartAsync();
        _world.Latency = TimeSpan.FromMilliseconds(300);
        _place.Environment["CLUSTER"] = "x";
        _place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = _world.Address;
        _place.Environment["OPENAI_BASE_URL"] = _world.Address + "/v1";
        _place.Environment["OPENAI_API_KEY"] = "key";
        _place.Environment["ENABLE_CREDIT"] = "true";
        _place.Environment["NUM_USER_CREDITS_REFILL"] = "100000";
        // Kills and pauses may hit one call more often than a node is tried otherwise.
        _place.Environment["MAX_NODE_ATTEMPTS"] = "100";
        _place.Environment["EXECUTION_COST_PER_THRESHOLD"] = "0";
        for (var i = 0; i < silos; i++) _silos.Add(await RunningServer.StartAsync(_place, FreePorts.Pair()));
        for (var i = 0; i < gateways; i++) _gateways.Add(await RunningServer.StartAsync(_place, FreePorts.Pair(), s_gatewayRole));
        _graph = await _silos[0].PostAsync("/api/graphs", new JsonObject { ["graph"] = JsonNode.Parse(s_chain.Agent(_world)) }.ToJsonString());
    }

    /// <summary>Starts runs through all processes in turn. A request that fails is repeated, with the same key, by the next process.</summary>
    /// <param name="runs">How many.</param>
    /// <param name="once">Whether a request that fails may be repeated once only.</param>
    /// <param name="leaving">A process that leaves: it gets first requests like the others, and no repetitions, because it refuses to start runs.</param>
    private async Task SubmitAsync(int runs, bool once = false, RunningServer? leaving = null)
    {
        var processes = _silos.Concat(_gateways).ToList();
        var staying = processes.Where(process => process != leaving).ToList();
        for (var i = 0; i < runs; i++)
        {
            var name = $"r{_runs.Count}";
            var refusals = new List<string>();
            for (var attempt = 0; ; attempt++)
            {
                var choice = attempt == 0 ? processes : staying;
                var process = choice[(_runs.Count + attempt) % choice.Count];
                if (await TryStartAsync(process, name, refusals) is { } run)
                {
                    _runs.Add(run);
                    break;
                }

                Assert.True(attempt < (once ? 1 : 300), $"Run {name} was refused: {string.Join("; ", refusals)}");
                await Task.Delay(TimeSpan.FromSeconds(once ? 1 : 0.2), TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>The id of the run; null when the process is not there, or asks to come again.</summary>
    private async Task<string?> TryStartAsync(RunningServer process, string name, List<string> refusals)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/graphs/{GraphId}/execute/1") { Content = new StringContent(PricedChain.StartOf(_graph, name), Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", name);
        try
        {
            using var answer = await process.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (answer.IsSuccessStatusCode) return JsonElement.Parse(body).GetProperty("id").GetString();
            // 409: the request before is still under way, or its process has died and is not declared dead yet.
            Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict, $"{(int)answer.StatusCode} {body}");
            refusals.Add($"process {_silos.IndexOf(process)} answered {(int)answer.StatusCode} {body}");
            return null;
        }
        catch (HttpRequestException exception)
        {
            refusals.Add($"process {_silos.IndexOf(process)} closed the connection ({exception.Message})");
            return null;
        }
    }

    private async Task AssertAllEndedAsync(int mostAttempts, int mostCalls)
    {
        foreach (var run in _runs) Assert.Equal("COMPLETED", await _silos[0].EndOfAsync(GraphId, run));
        Assert.Equal(_runs.Count, await _place!.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
        Assert.Equal(_runs.Count, await _place!.CountAsync("SELECT count(*) FROM runs"));
        Assert.Equal(_runs.Count * s_chain.Nodes, await _place!.CountAsync("SELECT count(*) FROM node_executions WHERE status = 'COMPLETED'"));
        Assert.Equal(_runs.Count * s_chain.Nodes, await _place!.CountAsync("SELECT count(*) FROM node_executions"));
        Assert.InRange(await _place!.CountAsync("SELECT max(attempt) FROM node_executions"), 1, mostAttempts);
        for (var run = 0; run < _runs.Count; run++)
        {
            for (var step = 1; step <= s_chain.Steps; step++) Assert.InRange(_world!.Calls[PricedChain.CallOf($"r{run}", step)], 1, mostCalls);
        }

        await Ledger.AssertExactAsync(_place!, _runs.Count * s_chain.Price);
    }
}
