using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Silo.Hosting;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Support;

/// <summary>The whole server in this process, as <c>./run</c> has it, on a database and a port of its own.</summary>
public class ApiServer : IAsyncLifetime
{
    internal const string Key = "a key of thirty-two bytes or more";

    /// <summary>The servers of several tests share a data folder, and with it a key file.</summary>
    private const string EncryptionKey = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";
    private TestDatabase? _database;
    private WebApplication? _app;
    private CommitWatch? _commits;

    internal LiveBlocks Blocks { get; } = new();

    internal TestDatabase Database => _database!;

    internal IServiceProvider Services => _app!.Services;

    internal string Address { get; private set; } = "";

    /// <summary>The port of the WebSocket alone, or null.</summary>
    private protected virtual int? WebSocketPort => null;

    /// <summary>A client for a user, with a token of its own.</summary>
    internal ApiClient For(string user, string role = "authenticated") => new(this, Tokens.Of(new { sub = user, role, aud = "authenticated", email = user + "@example.com" }, Key));

    /// <summary>A client with that token, or without any.</summary>
    internal ApiClient With(string? token) => new(this, token);

    /// <summary>A user that no other test has.</summary>
    internal ApiClient Anybody() => For(Guid.NewGuid().ToString());

    /// <summary>A task that completes after the next commit of a user's runs.</summary>
    internal Task<Task> NextCommitAsync(string user) => _commits!.NextAsync(user);

    internal Task StopAsync() => _app!.StopAsync();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATABASE_URL"] = _database.ConnectionString,
            ["GRAINFLOW_DATA"] = Path.Combine(Path.GetTempPath(), "grainflow-gateway-tests"),
            ["ENABLE_AUTH"] = "true",
            ["JWT_VERIFY_KEY"] = Key,
            // A key of the platform, whose provider is not in reach.
            ["OPENAI_API_KEY"] = "sk-of-the-platform",
            ["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1",
            ["ENCRYPTION_KEY"] = EncryptionKey,
        };
        Change(variables);
        var settings = Settings.Read(variables.GetValueOrDefault);
        _app = await OrleansPorts.StartAsync(
            ports => ServerHost.Build(settings, ports, 0, WebSocketPort, services =>
            {
                services.AddSingleton<IBlockRegistry>(Blocks);
                services.AddSingleton<IBlockCatalogue>(Blocks);
                Replace(services);
            }),
            CancellationToken.None);
        Address = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        _commits = new CommitWatch(Services.GetRequiredService<IClusterClient>());
    }

    public async ValueTask DisposeAsync()
    {
        if (_commits is not null) await _commits.DisposeAsync();
        if (_app is not null) await _app.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes the environment variables that the server is started with.</summary>
    private protected virtual void Change(Dictionary<string, string> variables)
    {
    }

    private protected virtual void Replace(IServiceCollection services)
    {
    }
}
