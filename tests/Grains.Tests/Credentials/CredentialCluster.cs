using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grainflow.Blocks.Contract;
using Grainflow.Grains.Billing.Payments;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Tests.Support;
using Grainflow.Grains.Webhooks;
using Grainflow.Storage.Credentials;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Credentials;

/// <summary>A cluster whose blocks get credentials, with a scripted OAuth provider and scripted webhooks.</summary>
internal sealed class CredentialCluster : IAsyncDisposable
{
    public const string User = GrainCluster.User;

    /// <summary>The only system credential beside that of Ollama.</summary>
    public const string SystemKey = "system-secret";

    private static readonly string Key = EncryptionKey.Create().Export();

    private readonly GrainCluster _cluster;

    private CredentialCluster(GrainCluster cluster, ManualClock clock, OAuthDouble oauth, ScriptedWebhooks webhooks) => (_cluster, Clock, OAuth, Webhooks) = (cluster, clock, oauth, webhooks);

    public ManualClock Clock { get; }

    public OAuthDouble OAuth { get; }

    public ScriptedWebhooks Webhooks { get; }

    public GrainCluster Grains => _cluster;

    public TestBlocks Blocks => _cluster.Blocks;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts a cluster.</summary>
    /// <param name="silos">How many silos.</param>
    /// <param name="passing">Called before (false) and after (true) each call of the credential stores; throws to break it off.</param>
    public static async Task<CredentialCluster> StartAsync(short silos = 1, Action<string, bool>? passing = null)
    {
        var (clock, oauth, webhooks) = (new ManualClock(), new OAuthDouble(), new ScriptedWebhooks());
        var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Silos = silos,
            Clock = clock,
            // The clock of a test may run far ahead of a block that stands at a gate.
            Options = options => options.BlockTimeLimit = TimeSpan.FromHours(12),
            Services = services =>
            {
                services.AddSingleton<IOAuthClient>(oauth);
                services.AddSingleton<ICredentialWebhooks>(webhooks);
                services.Configure<EncryptionOptions>(options => options.Key = Key);
                services.Configure<SystemCredentialOptions>(options => options.ApiKeys["openai"] = SystemKey);
                services.Configure<PaymentOptions>(options => options.FrontendBaseUrl = new Uri("https://front.example.com/"));
                services.AddSingleton(provider => NoWorld.Surroundings(clock) with { Credentials = provider.GetRequiredService<ICredentialLeases>() });
                if (passing is null) return;
                services.AddSingleton(provider => CrashPoints.Watched.Of<ICredentialStore>(ActivatorUtilities.CreateInstance<CredentialStore>(provider), passing));
                services.AddSingleton(provider => CrashPoints.Watched.Of<ICredentialLeaseStore>(ActivatorUtilities.CreateInstance<CredentialLeaseStore>(provider), passing));
                services.AddSingleton(provider => CrashPoints.Watched.Of<IOAuthStateStore>(ActivatorUtilities.CreateInstance<OAuthStateStore>(provider), passing));
            },
        });
        return new CredentialCluster(cluster, clock, oauth, webhooks);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    public ICredentialGrain Credential(string id, string user = User) => _cluster.Grains.GetGrain<ICredentialGrain>(CredentialKeys.GrainKey(user, id));

    public IUserCredentialsGrain OfUser(string user = User) => _cluster.Grains.GetGrain<IUserCredentialsGrain>(user);

    /// <summary>The leases of a silo, of the first unless named.</summary>
    public ICredentialLeases Leases(string? silo = null) => _cluster.ServicesOf(silo ?? _cluster.SiloNames[0]).GetRequiredService<ICredentialLeases>();

    public static CredentialContent ApiKey(string secret) => new() { Provider = "openai", Type = CredentialTypes.ApiKey, Secret = secret };

    /// <summary>Tokens of GitHub that expire after some seconds.</summary>
    public CredentialContent Tokens(int seconds, params ImmutableArray<string> scopes) => new()
    {
        Provider = "github",
        Type = CredentialTypes.OAuth2,
        Secret = "access-0",
        RefreshToken = "refresh-0",
        Username = "octocat",
        Scopes = scopes,
        ExpiresAt = Clock.GetUtcNow().ToUnixTimeSeconds() + seconds,
    };

    public async Task CreateAsync(string id, CredentialContent content) => Assert.Equal(CredentialVerdict.Done, (await Credential(id).Create(content)).Verdict);

    public async Task<StoredCredential?> StoredAsync(string id) => await _cluster.Services.GetRequiredService<ICredentialStore>().FindAsync(User, id, Token);

    public async Task<string?> SecretAsync(string id) => await StoredAsync(id) is { } stored ? _cluster.Services.GetRequiredService<CredentialSealer>().Open(stored).Secret : null;

    /// <summary>Waits until there are so many leases.</summary>
    public async Task UntilLeasesAsync(int count) => await UntilAsync(async () => await ScalarAsync("SELECT count(*) FROM credential_leases") == count, $"{count} leases");

    /// <summary>Waits until the record of accesses has what the test expects, in any order: accesses are written in batches of several kinds.</summary>
    public async Task UntilAccessesAsync(params string[] expected)
    {
        IReadOnlyList<string> rows = [];
        await UntilAsync(
            async () =>
            {
                rows = await AccessesAsync();
                return rows.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal));
            },
            "the accesses " + string.Join(" | ", expected),
            () => string.Join(" | ", rows));
    }

    public async Task<IReadOnlyList<string>> AccessesAsync()
    {
        await using var command = _cluster.Database.DataSource.CreateCommand(
            "SELECT concat_ws(' ', purpose, provider, CASE WHEN run_id IS NOT NULL THEN 'run' END, CASE WHEN node_execution_id IS NOT NULL THEN 'node' END, CASE WHEN fence IS NOT NULL THEN 'fenced' END, reason) FROM credential_accesses ORDER BY id");
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<string>();
        while (await reader.ReadAsync(Token)) rows.Add(reader.GetString(0));
        return rows;
    }

    public async Task<long> ScalarAsync(string sql)
    {
        await using var command = _cluster.Database.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    /// <summary>Ends short pauses by the clock until a task has ended.</summary>
    public async Task<T> PassPausesAsync<T>(Task<T> task)
    {
        using var limit = new CancellationTokenSource(GrainCluster.Patience);
        while (!task.IsCompleted)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            if (await Task.WhenAny(task, Clock.WaitForTimerAsync(TimeSpan.FromSeconds(1), ended.Token)) != task) Clock.Advance(TimeSpan.FromMilliseconds(100));
            await ended.CancelAsync();
            limit.Token.ThrowIfCancellationRequested();
        }

        return await task;
    }

    /// <summary>Looks again after each pause of the clock's callers, until a condition holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what, Func<string>? found = null)
    {
        using var limit = new CancellationTokenSource(GrainCluster.Patience);
        while (!await holds())
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"Waited in vain for {what}. {found?.Invoke()}");
            await Task.Yield();
        }
    }
}

/// <summary>A provider whose answers a test decides.</summary>
internal sealed class OAuthDouble : IOAuthClient
{
    private int _refreshes;

    /// <summary>How often tokens were refreshed.</summary>
    public int Refreshes => _refreshes;

    public OAuthSupport Supported { get; set; } = OAuthSupport.Configured;

    public bool Refreshable { get; set; } = true;

    /// <summary>Waits before each answer to a refresh.</summary>
    public Func<Task> BeforeRefresh { get; set; } = () => Task.CompletedTask;

    /// <summary>What a refresh fails with, or null.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How new tokens differ from the scripted ones.</summary>
    public Func<OAuthTokens, OAuthTokens> Change { get; set; } = tokens => tokens;

    public ConcurrentQueue<string> Revoked { get; } = new();

    public OAuthLogin? Exchanged { get; private set; }

    public OAuthSupport Support(string provider) => provider == "github" ? Supported : OAuthSupport.Unknown;

    public Uri LoginUrl(OAuthLogin login) => new($"https://github.example.com/authorize?state={login.State}&scope={string.Join('+', login.Scopes)}&redirect_uri={login.RedirectUri}");

    public Task<OAuthTokens> ExchangeAsync(OAuthLogin login, string code, CancellationToken cancellationToken)
    {
        Exchanged = login;
        if (Failure is not null) throw Failure;
        return Task.FromResult(Change(new OAuthTokens { AccessToken = "access-" + code, RefreshToken = "refresh-" + code, Scopes = login.Scopes, Username = "octocat" }));
    }

    public bool CanRefresh(string provider, OAuthTokens tokens) => Refreshable && tokens.RefreshToken is not null;

    public async Task<OAuthTokens> RefreshAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _refreshes);
        await BeforeRefresh().WaitAsync(cancellationToken);
        if (Failure is not null) throw Failure;
        return Change(new OAuthTokens { AccessToken = $"access-{number}", AccessTokenExpiresAt = tokens.AccessTokenExpiresAt + 3600 });
    }

    public Task<bool> RevokeAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken)
    {
        if (Failure is not null) throw Failure;
        Revoked.Enqueue(tokens.AccessToken);
        return Task.FromResult(true);
    }
}

/// <summary>Webhooks whose number a test decides.</summary>
internal sealed class ScriptedWebhooks : ICredentialWebhooks
{
    public int Triggered { get; set; }

    public ConcurrentQueue<string> Removed { get; } = new();

    public Task<int> CountTriggeredAsync(string userId, string credentialId, CancellationToken cancellationToken) => Task.FromResult(Triggered);

    public Task RemoveAllAsync(string userId, string credentialId, CancellationToken cancellationToken)
    {
        Removed.Enqueue(credentialId);
        Triggered = 0;
        return Task.CompletedTask;
    }
}
