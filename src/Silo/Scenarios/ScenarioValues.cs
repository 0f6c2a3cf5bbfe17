using System.Collections.Concurrent;
using System.Net.Security;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;

namespace Grainflow.Silo.Scenarios;

/// <summary>The values that agents keep during one case, which begins with none.</summary>
internal sealed class ScenarioValues
{
    private readonly ConcurrentDictionary<(string User, string Key), JsonElement> _values = [];

    /// <summary>The values of one user.</summary>
    public IKeyValues Of(string userId) => new ValuesOfUser(_values, userId);

    private sealed class ValuesOfUser(ConcurrentDictionary<(string User, string Key), JsonElement> values, string userId) : IKeyValues
    {
        public Task<JsonElement?> FindAsync(string key, CancellationToken cancellationToken) => Task.FromResult(values.TryGetValue((userId, key), out var value) ? value : (JsonElement?)null);

        public Task WriteAsync(string key, JsonElement value, CancellationToken cancellationToken)
        {
            values[(userId, key)] = value;
            return Task.CompletedTask;
        }
    }
}

/// <summary>Refuses connections, for which scenarios have no script.</summary>
internal sealed class NoStreams : IOutgoingStreams
{
    /// <inheritdoc/>
    public RemoteCertificateValidationCallback? CertificateCheck => null;

    /// <inheritdoc/>
    public Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken) => throw new OutgoingHttpException($"A scenario has no connection to {host}:{port}; name the outputs of the node instead");
}
