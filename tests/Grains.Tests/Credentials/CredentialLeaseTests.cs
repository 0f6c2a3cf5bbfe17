using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests.Credentials;

/// <summary>Credentials in use by blocks (contract: semantics 4.4, decision 40).</summary>
public sealed class CredentialLeaseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixty_four_parallel_nodes_with_one_key_run_in_parallel()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("key", CredentialCluster.ApiKey("s"));
        var agent = cluster.Grains.NewAgent();
        for (var number = 0; number < 64; number++) agent.Node($"n{number}", TestBlocks.Authorized, Input("key", """ "gate": "g" """));
        var graph = agent.Build();
        await cluster.Grains.StoreAsync(graph);

        var runId = await cluster.Grains.StartRunAsync(graph);
        for (var number = 0; number < 64; number++) await cluster.Blocks.Gate("g").ArrivalAsync();
        var held = await cluster.ScalarAsync("SELECT count(DISTINCT fence) FROM credential_leases");
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.Grains.EndOfAsync(runId);

        Assert.Equal(64, held);
        Assert.Equal("COMPLETED", run.Status);
        Assert.All(run.Nodes, node => Assert.Equal("COMPLETED", node.Row.Status));
        await cluster.UntilLeasesAsync(0);
        Assert.Equal(Enumerable.Repeat("block openai run node fenced", 64), await cluster.AccessesAsync());
    }

    [Theory]
    [InlineData(""" "value": 1 """, "COMPLETED", null)]
    [InlineData(""" "failing": true """, "FAILED", "raised by Authorized with message: The secret has 1 characters.. block_id: 00000000-0000-4000-8000-00000000000a")]
    public async Task A_lease_is_given_back_when_the_block_has_ended_or_failed(string input, string status, string? error)
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("key", CredentialCluster.ApiKey("s"));

        var run = await cluster.Grains.RunToEndAsync(cluster.Grains.NewAgent().Node("n", TestBlocks.Authorized, Input("key", input)).Build());

        Assert.Equal((status, error), (run.The("n").Row.Status, run.The("n").Row.Error));
        await cluster.UntilLeasesAsync(0);
    }

    [Fact]
    public async Task A_block_that_ignores_its_cancellation_holds_the_lease_until_it_ends()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var runId = await HoldAsync(cluster, """ "stubborn": true """);
        await cluster.Grains.CancelFirstNodeAsync(runId);
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        await cluster.Grains.UntilAsync(runId, run => run.The("n").Row.Status == "TERMINATED", "without its node");

        Assert.Equal(1, await cluster.ScalarAsync("SELECT count(*) FROM credential_leases"));
        cluster.Blocks.Gate("g").Open();
        await cluster.UntilLeasesAsync(0);
    }

    [Fact]
    public async Task A_deletion_waits_some_seconds_for_a_block_and_then_asks_for_confirmation()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var runId = await HoldAsync(cluster);

        var deletion = cluster.Credential("key").Delete("openai", force: false);
        await UntilClosingAsync(cluster);
        var answer = await cluster.PassPausesAsync(deletion);
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.Grains.EndOfAsync(runId);

        Assert.Equal((CredentialVerdict.NeedsConfirmation, "Blocks of running agents use these credentials. Delete the credentials anyway?"), (answer.Verdict, answer.Message));
        Assert.Equal("COMPLETED", run.The("n").Row.Status);
        Assert.NotNull(await cluster.StoredAsync("key"));
    }

    [Fact]
    public async Task A_deletion_is_done_when_the_last_block_ends_and_no_new_lease_is_granted_before()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var runId = await HoldAsync(cluster);
        var deletion = cluster.Credential("key").Delete("openai", force: false);
        await UntilClosingAsync(cluster);

        var second = cluster.Leases().AcquireAsync(CredentialCluster.User, "key", new CredentialUse("test"), Token);
        cluster.Blocks.Gate("g").Open();
        await cluster.Grains.EndOfAsync(runId);
        await cluster.UntilLeasesAsync(0);

        Assert.Equal(CredentialVerdict.Done, (await cluster.PassPausesAsync(deletion)).Verdict);
        Assert.Null(await cluster.PassPausesAsync(second));
    }

    [Fact]
    public async Task A_forced_deletion_fails_the_block_that_uses_the_credentials()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var runId = await HoldAsync(cluster);

        Assert.Equal(CredentialVerdict.Done, (await cluster.Credential("key").Delete("openai", force: true)).Verdict);
        cluster.Clock.Advance(LeaseKeeper.RenewalInterval);
        var run = await cluster.Grains.EndOfAsync(runId);

        Assert.Equal(("FAILED", "The credentials of the block were deleted while it used them; it was stopped."), (run.The("n").Row.Status, run.The("n").Row.Error));
    }

    [Fact]
    public async Task Leases_are_renewed_and_do_not_end_by_time()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var runId = await HoldAsync(cluster);
        var taken = await cluster.ScalarAsync("SELECT extract(epoch FROM renewed_at)::bigint FROM credential_leases");

        // Intervals that pass during a renewal are not made up for.
        await CredentialCluster.UntilAsync(
            async () =>
            {
                cluster.Clock.Advance(LeaseKeeper.RenewalInterval);
                return await cluster.ScalarAsync("SELECT extract(epoch FROM renewed_at)::bigint FROM credential_leases") >= taken + (20 * 60);
            },
            "renewals for twenty minutes");
        cluster.Blocks.Gate("g").Open();

        Assert.Equal("COMPLETED", (await cluster.Grains.EndOfAsync(runId)).The("n").Row.Status);
    }

    [Fact]
    public async Task The_leases_of_a_dead_silo_hinder_nothing()
    {
        await using var cluster = await CredentialCluster.StartAsync(silos: 2);
        await cluster.CreateAsync("key", CredentialCluster.ApiKey("s"));
        var (staying, dying) = (cluster.Grains.SiloNames[0], cluster.Grains.SiloNames[1]);
        Assert.NotNull(await cluster.Leases(dying).AcquireAsync(CredentialCluster.User, "key", new CredentialUse("test"), Token));

        await cluster.Grains.KillSiloAsync(dying);
        var answer = await cluster.Credential("key").Delete("openai", force: false);

        Assert.Equal(CredentialVerdict.Done, answer.Verdict);
        Assert.Equal([staying], cluster.Grains.SiloNames);
    }

    [Fact]
    public async Task A_system_credential_costs_no_lease_and_is_recorded_with_its_run()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        var id = Blocks.Contract.SystemCredentials.Ids["openai"];

        await cluster.Grains.RunToEndAsync(cluster.Grains.NewAgent().Node("n", TestBlocks.Authorized, Input(id)).Build());

        Assert.Equal([CredentialCluster.SystemKey], cluster.Blocks.Secrets);
        await cluster.UntilAccessesAsync("block openai run node");
        Assert.Equal(1, await cluster.ScalarAsync("SELECT nextval(pg_get_serial_sequence('credential_leases', 'fence'))"));
    }

    [Fact]
    public async Task Missing_credentials_and_those_of_another_user_fail_the_node_and_are_recorded_as_refused()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        Assert.Equal(CredentialVerdict.Done, (await cluster.Credential("theirs", "other").Create(CredentialCluster.ApiKey("s"))).Verdict);

        var run = await cluster.Grains.RunToEndAsync(cluster.Grains.NewAgent().Node("n", TestBlocks.Authorized, Input("theirs")).Build());

        Assert.Equal(("FAILED", "Credentials #theirs of 'credentials' are not found, or their provider is not configured here."), (run.The("n").Row.Status, run.The("n").Row.Error));
        Assert.Empty(cluster.Blocks.Secrets);
        Assert.Equal(["block run node There is no such credential."], await cluster.AccessesAsync());
    }

    [Fact]
    public async Task Credentials_that_cannot_be_decrypted_fail_the_node_with_the_cure_and_stay_as_they_are()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("key", CredentialCluster.ApiKey("s"));
        await cluster.ScalarAsync("WITH damaged AS (UPDATE user_data_keys SET sealed = set_byte(sealed, 1, (get_byte(sealed, 1) + 1) % 256) RETURNING 1) SELECT count(*) FROM damaged");

        var run = await cluster.Grains.RunToEndAsync(cluster.Grains.NewAgent().Node("n", TestBlocks.Authorized, Input("key")).Build());
        var second = await cluster.Credential("other").Create(CredentialCluster.ApiKey("t"));

        Assert.Equal("FAILED", run.The("n").Row.Status);
        Assert.Contains("which is not among the settings. Add that key to ENCRYPTION_KEY_OLD; nothing was changed.", run.The("n").Row.Error, StringComparison.Ordinal);
        Assert.Equal(CredentialVerdict.Unreadable, second.Verdict);
        Assert.StartsWith("block openai run node Credentials #key of openai cannot be read.", Assert.Single(await cluster.AccessesAsync()), StringComparison.Ordinal);
        await cluster.UntilLeasesAsync(0);
        Assert.NotNull(await cluster.StoredAsync("key"));
    }

    [Fact]
    public async Task Two_pins_with_one_credential_share_a_lease()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("key", CredentialCluster.ApiKey("s"));

        await cluster.Grains.RunToEndAsync(cluster.Grains.NewAgent().Node("n", TestBlocks.Authorized, Input("key", """ "more": {"id": "key", "provider": "openai", "type": "api_key"} """)).Build());

        Assert.Equal(["s", "s"], cluster.Blocks.Secrets);
        Assert.Equal(["block openai run node fenced"], await cluster.AccessesAsync());
    }

    private static Task UntilClosingAsync(CredentialCluster cluster) =>
        CredentialCluster.UntilAsync(async () => await cluster.ScalarAsync("SELECT count(*) FROM credentials WHERE closing_until IS NOT NULL") == 1, "the change to wait");

    /// <summary>Runs an agent whose only node holds a credential, up to its gate.</summary>
    private static async Task<Guid> HoldAsync(CredentialCluster cluster, string more = """ "value": 1 """)
    {
        await cluster.CreateAsync("key", CredentialCluster.ApiKey("s"));
        var graph = cluster.Grains.NewAgent().Node("n", TestBlocks.Authorized, Input("key", $""" "gate": "g", {more} """)).Build();
        await cluster.Grains.StoreAsync(graph);
        var runId = await cluster.Grains.StartRunAsync(graph);
        await cluster.Blocks.Gate("g").ArrivalAsync();
        return runId;
    }

    private static string Input(string id, string more = """ "value": 1 """) =>
        $$"""{"credentials": {"id": "{{id}}", "provider": "openai", "type": "api_key"}, {{more}}}""";
}
