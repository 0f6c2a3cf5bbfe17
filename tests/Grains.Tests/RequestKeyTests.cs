using System.Text;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Requests;
using Grainflow.Grains.Requests;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Hosting;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests;

public sealed class RequestKeyTests
{
    private static readonly JsonPayload Answer = JsonPayload.Wrap("{\"id\":1}"u8.ToArray());

    [Fact]
    public async Task A_request_is_handled_once_and_answered_the_same_from_then_on()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var first = await ClaimAsync(cluster);
        var meanwhile = await ClaimAsync(cluster);
        var differs = await ClaimAsync(cluster, "something else");
        await Key(cluster).Answer(first.Claim, 200, Answer);
        var afterwards = await ClaimAsync(cluster);

        Assert.Equal((RequestVerdict.Handle, false), (first.Verdict, first.Repeated));
        Assert.Equal([RequestVerdict.UnderWay, RequestVerdict.Differs], new[] { meanwhile, differs }.Select(claim => claim.Verdict));
        Assert.Equal((RequestVerdict.Answered, 200, "{\"id\":1}"), (afterwards.Verdict, afterwards.Status, Encoding.UTF8.GetString(afterwards.Answer!.Memory.Span)));
    }

    [Fact]
    public async Task What_a_dead_process_has_begun_is_handled_again_under_the_same_id()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var first = await ClaimAsync(cluster);

        await cluster.KillAsync();
        await cluster.RecoverAsync();
        var second = await ClaimAsync(cluster);

        Assert.Equal((RequestVerdict.Handle, true, first.ResourceId), (second.Verdict, second.Repeated, second.ResourceId));
    }

    [Fact]
    public async Task A_claim_of_a_silo_that_has_died_is_taken_over_at_once_and_never_before()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Silos = 2 });
        var (staying, dying) = (cluster.SiloNames[0], cluster.SiloNames[1]);
        // The claim is kept on the silo that stays; the process of the other one handles the request.
        var key = cluster.ServicesOf(staying).GetRequiredService<IGrainFactory>().GetGrain<IRequestKeyGrain>(RequestKeys.GrainKey(GrainCluster.User, "key"));
        var command = new ClaimRequest { UserId = GrainCluster.User, Key = "key", Fingerprint = "this", Silo = dying };
        var first = await key.Claim(command);
        var meanwhile = await key.Claim(command with { Silo = staying });

        await cluster.KillSiloAsync(dying);
        var membership = cluster.ServicesOf(staying).GetRequiredService<IClusterMembershipService>();
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(TestContext.Current.CancellationToken))
            if (snapshot.GetSiloStatus(SiloAddress.FromParsableString(dying)) == SiloStatus.Dead) break;
        var second = await key.Claim(command with { Silo = staying });
        await key.Answer(first.Claim, 500, Answer);
        var third = await key.Claim(command with { Silo = staying });

        Assert.Equal((RequestVerdict.Handle, RequestVerdict.UnderWay), (first.Verdict, meanwhile.Verdict));
        Assert.Equal((RequestVerdict.Handle, true, first.ResourceId), (second.Verdict, second.Repeated, second.ResourceId));
        Assert.Equal(RequestVerdict.UnderWay, third.Verdict);
    }

    [Fact]
    public async Task A_claim_of_a_gateway_without_a_silo_is_taken_over_when_it_does_not_renew_its_row_and_never_before()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var gateways = new GatewayStore(new Database(cluster.Database.DataSource));
        var gateway = Guid.NewGuid();
        await gateways.RenewAsync(gateway, new AnnouncedGateway("x", "http://127.0.0.1:8000", "here"), TestContext.Current.CancellationToken);
        var command = new ClaimRequest { UserId = GrainCluster.User, Key = "key", Fingerprint = "this", Gateway = gateway };
        var first = await Key(cluster).Claim(command);
        var meanwhile = await Key(cluster).Claim(command with { Gateway = Guid.NewGuid() });

        await gateways.RemoveAsync(gateway, TestContext.Current.CancellationToken);
        var second = await Key(cluster).Claim(command with { Gateway = null });

        Assert.Equal((RequestVerdict.Handle, RequestVerdict.UnderWay), (first.Verdict, meanwhile.Verdict));
        Assert.Equal((RequestVerdict.Handle, true, first.ResourceId), (second.Verdict, second.Repeated, second.ResourceId));
        Assert.Equal(RequestVerdict.UnderWay, (await Key(cluster).Claim(command)).Verdict);
    }

    [Fact]
    public async Task A_claim_that_nobody_ends_is_taken_over_after_a_while()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        var first = await ClaimAsync(cluster);
        clock.Advance(RequestKeyGrain.ClaimLifetime - TimeSpan.FromSeconds(1));
        var waiting = await ClaimAsync(cluster);
        clock.Advance(TimeSpan.FromSeconds(1));

        var second = await ClaimAsync(cluster);
        await Key(cluster).Answer(first.Claim, 500, Answer);
        await Key(cluster).Answer(second.Claim, 200, Answer);

        Assert.Equal(RequestVerdict.UnderWay, waiting.Verdict);
        Assert.Equal((RequestVerdict.Handle, first.ResourceId), (second.Verdict, second.ResourceId));
        Assert.Equal(200, (await ClaimAsync(cluster)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_claim_that_is_given_up_can_be_had_again_and_a_refused_request_frees_its_key(bool nothingWasDone)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var first = await ClaimAsync(cluster);
        await Key(cluster).Abandon(first.Claim, nothingWasDone);

        var second = await ClaimAsync(cluster, nothingWasDone ? "something else" : "this");

        Assert.Equal((RequestVerdict.Handle, !nothingWasDone), (second.Verdict, second.Repeated));
        Assert.Equal(!nothingWasDone, first.ResourceId == second.ResourceId);
    }

    [Fact]
    public async Task After_a_day_a_key_is_new()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        var first = await ClaimAsync(cluster);
        await Key(cluster).Answer(first.Claim, 200, Answer);
        clock.Advance(RequestKeyGrain.AnswerLifetime);
        var kept = await ClaimAsync(cluster);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(RequestVerdict.Answered, kept.Verdict);
        Assert.Equal(RequestVerdict.Handle, (await ClaimAsync(cluster, "something else")).Verdict);
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_day_is_not_given_to_the_next_request_with_the_key()
    {
        var clock = new ManualClock();
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Clock = clock });
        await Key(cluster).Abandon((await ClaimAsync(cluster)).Claim, nothingWasDone: false);
        clock.Advance(RequestKeyGrain.AnswerLifetime);
        var late = await ClaimAsync(cluster);
        clock.Advance(TimeSpan.FromSeconds(1));

        var next = await ClaimAsync(cluster, "something else");
        await Key(cluster).Answer(late.Claim, 200, Answer);
        var meanwhile = await ClaimAsync(cluster, "something else");

        Assert.Equal([RequestVerdict.Handle, RequestVerdict.Handle, RequestVerdict.UnderWay], new[] { late, next, meanwhile }.Select(claim => claim.Verdict));
        Assert.NotEqual(late.ResourceId, next.ResourceId);
    }

    private static IRequestKeyGrain Key(GrainCluster cluster) => cluster.Grains.GetGrain<IRequestKeyGrain>(RequestKeys.GrainKey(GrainCluster.User, "key"));

    private static Task<RequestClaim> ClaimAsync(GrainCluster cluster, string fingerprint = "this") =>
        Key(cluster).Claim(new ClaimRequest { UserId = GrainCluster.User, Key = "key", Fingerprint = fingerprint });
}
