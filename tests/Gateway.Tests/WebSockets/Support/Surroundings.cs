using System.Net.Security;
using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Files;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Execution;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>Surroundings in which blocks have nothing but a clock.</summary>
internal sealed class Surroundings : IOutgoingHttp, IOutgoingStreams, IChatModels, IRunFiles, IKeyValues, IAgentLibrary, ICredentialLeases
{
    public static BlockServices Of(TimeProvider clock)
    {
        var nothing = new Surroundings();
        return new BlockServices { Clock = clock, Http = nothing, Streams = nothing, Models = nothing, Files = (_, _) => nothing, KeyValues = _ => nothing, Library = _ => nothing, Credentials = nothing };
    }

    public Task<OutgoingReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw Nothing();

    public Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken) => throw Nothing();

    public Task<string> SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => throw Nothing();

    public Task<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancellationToken) => throw Nothing();

    public Task<ReadOnlyMemory<byte>> ReadUploadAsync(UploadReference reference, CancellationToken cancellationToken) => throw Nothing();

    public Task<CredentialLease?> AcquireAsync(string userId, string credentialId, CredentialUse use, CancellationToken cancellationToken) => Task.FromResult<CredentialLease?>(null);

    public Task<LibraryPage> ListAsync(string? search, long page, int size, CancellationToken cancellationToken) => throw Nothing();

    public RemoteCertificateValidationCallback? CertificateCheck => null;

    public Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken) => throw Nothing();

    public Task<JsonElement?> FindAsync(string key, CancellationToken cancellationToken) => throw Nothing();

    public Task WriteAsync(string key, JsonElement value, CancellationToken cancellationToken) => throw Nothing();

    private static InvalidOperationException Nothing() => new("These tests use nothing of the world outside.");
}
