using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Mcp;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Credentials.OAuth;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Interfaces.Mcp;
using Grainflow.Storage.Credentials;
using Orleans.Concurrency;

namespace Grainflow.Grains.Mcp;

/// <inheritdoc cref="IMcpGrain"/>
/// <remarks>It has no state, so each silo has activations of its own.</remarks>
[StatelessWorker, Reentrant]
internal sealed class McpGrain(BlockServices services, ICredentialStore credentials, McpLogins logins) : Grain, IMcpGrain
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <inheritdoc/>
    public async Task<McpDiscovery> Discover(McpAccess access)
    {
        var (serverUrl, token) = (access.ServerUrl, access.Token);
        if (McpLogins.AddressOf(serverUrl) is not { } server) return new McpDiscovery { Error = McpLogins.NoAddress(serverUrl) };
        using var limit = new CancellationTokenSource(Limit, services.Clock);
        CredentialLease? lease = null;
        try
        {
            if (token is null && await FindAsync(serverUrl, limit.Token) is { } id)
                lease = await services.Credentials.AcquireAsync(this.GetPrimaryKeyString(), id, new CredentialUse("mcp"), limit.Token);
            var found = await McpExchange.ListToolsAsync(services.Http, server, token ?? lease?.Credential.Secret, services.Clock, limit.Token);
            return new McpDiscovery
            {
                ServerName = found.ServerName,
                ProtocolVersion = found.ProtocolVersion,
                Tools = JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Array(found.Tools.Select(tool => JsonValues.Object(
                    KeyValuePair.Create("name", JsonValues.From(tool.Name)),
                    KeyValuePair.Create("description", JsonValues.From(tool.Description)),
                    KeyValuePair.Create("input_schema", tool.InputSchema)))))),
            };
        }
        catch (McpRefusedException exception)
        {
            return new McpDiscovery { Error = exception.Message, IsRefused = true };
        }
        catch (Exception exception) when (exception is BlockException or CredentialUnusableException)
        {
            return new McpDiscovery { Error = exception.Message };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new McpDiscovery { Error = $"The MCP server at {server.Host} did not answer within {Limit.TotalSeconds:0} seconds." };
        }
        finally
        {
            if (lease is not null) await lease.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public Task<CredentialAnswer> StoreToken(McpAccess access) => logins.StoreAsync(this.GetPrimaryKeyString(), access.ServerUrl, new OAuthTokens { AccessToken = access.Token ?? "" });

    /// <inheritdoc/>
    public Task<LoginAnswer> BeginLogin(string serverUrl) => logins.BeginAsync(this.GetPrimaryKeyString(), serverUrl);

    /// <inheritdoc/>
    public Task<CredentialAnswer> CompleteLogin(McpCallback callback) => logins.CompleteAsync(this.GetPrimaryKeyString(), callback);

    /// <summary>The newest credentials that the user has stored for a server.</summary>
    private async Task<string?> FindAsync(string serverUrl, CancellationToken cancellationToken) => (await credentials.ListAsync(this.GetPrimaryKeyString(), cancellationToken))
        .LastOrDefault(row => CredentialMapping.McpServerOf(row) == serverUrl)?.Id;
}
