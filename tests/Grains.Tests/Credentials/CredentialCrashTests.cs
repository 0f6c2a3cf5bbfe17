using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces.Credentials;

namespace Grainflow.Grains.Tests.Credentials;

/// <summary>What is done with credentials is broken off before and after each call of a store; repeated, it comes to the same end.</summary>
public sealed class CredentialCrashTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_credential_that_is_added() => BreakEverywhereAsync(
        (cluster, id) => cluster.Credential(id).Create(CredentialCluster.ApiKey("s")),
        async (cluster, id) => Assert.Equal("s", await cluster.SecretAsync(id)));

    [Fact]
    public Task A_credential_that_is_changed() => BreakEverywhereAsync(
        async (cluster, id) =>
        {
            if (await cluster.StoredAsync(id) is null) await cluster.Credential(id).Create(CredentialCluster.ApiKey("s"));
            await cluster.Credential(id).Change(CredentialCluster.ApiKey("t"));
        },
        async (cluster, id) => Assert.Equal("t", await cluster.SecretAsync(id)));

    [Fact]
    public Task A_credential_that_is_deleted() => BreakEverywhereAsync(
        async (cluster, id) =>
        {
            if (await cluster.StoredAsync(id) is null && !cluster.Webhooks.Removed.Contains(id)) await cluster.Credential(id).Create(CredentialCluster.ApiKey("s"));
            await cluster.Credential(id).Delete("openai", force: false);
        },
        async (cluster, id) => Assert.Null(await cluster.StoredAsync(id)));

    [Fact]
    public Task A_token_that_is_used_and_refreshed() => BreakEverywhereAsync(
        async (cluster, id) =>
        {
            if (await cluster.StoredAsync(id) is null) await cluster.Credential(id).Create(cluster.Tokens(-10));
            await using var lease = await cluster.Leases().AcquireAsync(CredentialCluster.User, id, new CredentialUse("test"), Token);
            Assert.StartsWith("access-", lease!.Credential.Secret, StringComparison.Ordinal);
            Assert.NotEqual("access-0", lease.Credential.Secret);
        },
        async (cluster, id) =>
        {
            Assert.Equal(2, (await cluster.StoredAsync(id))!.Row.Version);
            // A lease whose grant was not answered is given back by the silo in the end.
            for (var minute = 0; minute < 5; minute++) cluster.Clock.Advance(TimeSpan.FromMinutes(1));
            await CredentialCluster.UntilAsync(
                async () =>
                {
                    cluster.Clock.Advance(LeaseKeeper.RenewalInterval);
                    return await cluster.ScalarAsync("SELECT count(*) FROM credential_leases") == 0;
                },
                "the end of all leases");
        });

    [Fact]
    public Task A_login() => BreakEverywhereAsync(
        async (cluster, id) =>
        {
            var begun = await cluster.OfUser(id).BeginLogin(new BeginLogin { Provider = "github" });
            var completed = await cluster.OfUser(id).CompleteLogin(new CompleteLogin { Provider = "github", Code = "code", State = begun.State! });
            Assert.Equal(CredentialVerdict.Done, completed.Verdict);
        },
        async (cluster, id) => Assert.NotEmpty((await cluster.OfUser(id).List()).Where(meta => !meta.IsSystem)));

    /// <summary>Does something with a credential of its own for each place at which it can be broken off, and repeats it after the break.</summary>
    private static async Task BreakEverywhereAsync(Func<CredentialCluster, string, Task> work, Func<CredentialCluster, string, Task> check)
    {
        var breaking = new Breaking();
        await using var cluster = await CredentialCluster.StartAsync(passing: breaking.Pass);
        var places = new List<string>();
        for (var place = 1; ; place++)
        {
            var id = $"c{place}";
            breaking.At(place);
            var failed = await cluster.PassPausesAsync(Record.ExceptionAsync(() => work(cluster, id)).AsTask());
            var at = breaking.End();
            if (at is null) break;
            places.Add(at);
            if (failed is not null) await RepeatAsync(cluster, id, work);
            await check(cluster, id);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", places));
        Assert.True(places.Count > 2, "It was hardly broken off.");
    }

    /// <summary>Repeats the work; a pause after a failure ends by the clock.</summary>
    private static async Task RepeatAsync(CredentialCluster cluster, string id, Func<CredentialCluster, string, Task> work)
    {
        cluster.Clock.Advance(TimeSpan.FromMinutes(3));
        await cluster.PassPausesAsync(EndAsync());

        async Task<bool> EndAsync()
        {
            await work(cluster, id);
            return true;
        }
    }

    /// <summary>Breaks off at the n-th passage.</summary>
    private sealed class Breaking
    {
        private readonly Lock _gate = new();
        private int _left;
        private string? _broken;

        public void At(int place)
        {
            lock (_gate) (_left, _broken) = (place, null);
        }

        /// <summary>Where it was broken off; null when there was no such place.</summary>
        public string? End()
        {
            lock (_gate)
            {
                _left = 0;
                return _broken;
            }
        }

        public void Pass(string step, bool isAfter)
        {
            lock (_gate)
            {
                if (_left == 0 || --_left > 0) return;
                _broken = $"{(isAfter ? "after" : "before")} {step}";
            }

            throw new IOException($"Broken off {_broken}.");
        }
    }
}
