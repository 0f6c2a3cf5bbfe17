using Grainflow.Grains.Credentials;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Credentials;

/// <summary>Refreshing tokens (contract: semantics 4.5).</summary>
public sealed class CredentialRefreshTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_hundred_users_of_an_expired_token_cause_one_request_also_from_three_silos(short silos)
    {
        await using var cluster = await CredentialCluster.StartAsync(silos);
        await cluster.CreateAsync("c", cluster.Tokens(-10, "repo"));
        var gate = new Gate();
        cluster.OAuth.BeforeRefresh = () => gate.PassAsync(CancellationToken.None);

        var acquiring = Enumerable.Range(0, 100).Select(number => AcquireAsync(cluster, cluster.Grains.SiloNames[number % silos])).ToList();
        await gate.ArrivalAsync();
        gate.Open();
        var leases = await Task.WhenAll(acquiring);

        Assert.Equal(1, cluster.OAuth.Refreshes);
        Assert.All(leases, lease => Assert.Equal("access-1", lease!.Credential.Secret));
        Assert.Equal(100, leases.Select(lease => lease!.Fence).Distinct().Count());
    }

    [Fact]
    public async Task Two_activations_that_refresh_at_once_make_one_request()
    {
        await using var cluster = await CredentialCluster.StartAsync(silos: 2);
        await cluster.CreateAsync("c", cluster.Tokens(-10));
        var gate = new Gate();
        cluster.OAuth.BeforeRefresh = () => gate.PassAsync(CancellationToken.None);

        var refreshing = cluster.Grains.SiloNames.Select(silo => cluster.Grains.ServicesOf(silo).GetRequiredService<CredentialRefresher>().RefreshAsync(CredentialCluster.User, "c", 1)).ToList();
        await gate.ArrivalAsync();
        await cluster.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(1), Token);
        gate.Open();
        await CredentialCluster.UntilAsync(async () => (await cluster.StoredAsync("c"))!.Row.Version == 2, "the new token");

        Assert.All(await cluster.PassPausesAsync(Task.WhenAll(refreshing)), refresh => Assert.True(refresh.HasChanged));
        Assert.Equal(1, cluster.OAuth.Refreshes);
    }

    [Fact]
    public async Task A_token_is_due_300_seconds_before_it_expires()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("early", cluster.Tokens(300));
        await cluster.CreateAsync("due", cluster.Tokens(299));

        Assert.Equal("access-0", (await AcquireAsync(cluster, id: "early"))!.Credential.Secret);
        Assert.Equal("access-1", (await AcquireAsync(cluster, id: "due"))!.Credential.Secret);
    }

    [Fact]
    public async Task A_refreshed_credential_keeps_its_id_its_scopes_and_what_the_provider_does_not_repeat()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(10, "repo", "user"));
        cluster.OAuth.Change = tokens => tokens with { Scopes = ["repo", "gist"] };

        var lease = await AcquireAsync(cluster);
        var row = (await cluster.StoredAsync("c"))!.Row;

        Assert.Equal(("c", "github", "octocat"), (lease!.Credential.Id, lease.Credential.Provider, lease.Credential.Username));
        Assert.Equal(["repo", "user", "gist"], lease.Credential.Scopes);
        Assert.Equal(2, row.Version);
        cluster.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("access-2", (await AcquireAsync(cluster))!.Credential.Secret);
        // Accesses are recorded in batches, those of refreshes apart from those of leases.
        await cluster.UntilAccessesAsync("refresh github", "refresh github", "test github fenced", "test github fenced");
    }

    [Fact]
    public async Task The_old_token_stays_on_a_failure_while_it_is_valid_and_the_failure_is_not_repeated_at_once()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(60));
        cluster.OAuth.Failure = new OAuthException("The provider is busy.", isPassing: true);

        Assert.Equal("access-0", (await AcquireAsync(cluster))!.Credential.Secret);
        Assert.Equal("access-0", (await AcquireAsync(cluster))!.Credential.Secret);
        Assert.Equal(1, cluster.OAuth.Refreshes);
        cluster.Clock.Advance(TimeSpan.FromSeconds(6));
        cluster.OAuth.Failure = null;
        Assert.Equal("access-2", (await AcquireAsync(cluster))!.Credential.Secret);
    }

    [Theory]
    [InlineData(true, "The token of credentials #c of github has expired and could not be refreshed: No. Try again later.")]
    [InlineData(false, "The token of credentials #c of github has expired and could not be refreshed: No. Log in again.")]
    public async Task An_expired_token_that_is_not_refreshed_is_refused_with_the_cure(bool isPassing, string message)
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(-1));
        cluster.OAuth.Failure = new OAuthException("No.", isPassing);

        var error = await Assert.ThrowsAsync<CredentialUnusableException>(() => AcquireAsync(cluster));

        Assert.Equal(message, error.Message);
        await cluster.UntilLeasesAsync(0);
        await CredentialCluster.UntilAsync(async () => (await cluster.AccessesAsync()).Contains("test github " + message), "the refusal");
    }

    [Fact]
    public async Task A_provider_without_refresh_gives_the_token_unchanged()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(-10));
        cluster.OAuth.Refreshable = false;

        Assert.Equal("access-0", (await AcquireAsync(cluster))!.Credential.Secret);
        Assert.Equal(0, cluster.OAuth.Refreshes);
    }

    [Fact]
    public async Task A_refresh_that_a_silo_has_left_behind_when_it_died_is_taken_over()
    {
        await using var cluster = await CredentialCluster.StartAsync(silos: 2);
        await cluster.CreateAsync("c", cluster.Tokens(-10));
        var gate = new Gate();
        cluster.OAuth.BeforeRefresh = () => gate.PassAsync(CancellationToken.None);
        var dying = cluster.Grains.SiloNames[1];
        _ = cluster.Grains.ServicesOf(dying).GetRequiredService<CredentialRefresher>().RefreshAsync(CredentialCluster.User, "c", 1);
        await gate.ArrivalAsync();

        await cluster.Grains.KillSiloAsync(dying);
        var acquiring = AcquireAsync(cluster);
        await gate.ArrivalAsync();
        gate.Open();

        Assert.StartsWith("access-", (await acquiring)!.Credential.Secret, StringComparison.Ordinal);
        Assert.Equal((2, 2), (cluster.OAuth.Refreshes, (await cluster.StoredAsync("c"))!.Row.Version));
    }

    [Fact]
    public async Task A_change_during_a_refresh_wins()
    {
        await using var cluster = await CredentialCluster.StartAsync();
        await cluster.CreateAsync("c", cluster.Tokens(-10));
        var gate = new Gate();
        cluster.OAuth.BeforeRefresh = () => gate.PassAsync(CancellationToken.None);
        var refreshing = cluster.Credential("c").Refresh(1);
        await gate.ArrivalAsync();

        await cluster.Credential("c").Change(cluster.Tokens(3600) with { Secret = "logged in again" });
        gate.Open();

        Assert.True((await refreshing).HasChanged);
        Assert.Equal("logged in again", (await AcquireAsync(cluster))!.Credential.Secret);
    }

    private static Task<CredentialLease?> AcquireAsync(CredentialCluster cluster, string? silo = null, string id = "c") =>
        cluster.Leases(silo).AcquireAsync(CredentialCluster.User, id, new CredentialUse("test"), Token);
}
