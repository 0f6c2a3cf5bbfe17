using System.Collections.Concurrent;
using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Grains.Credentials;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.TestSupport;

/// <summary>The credentials of users, and a sealer that only marks what it has sealed, for tests of what uses them.</summary>
public sealed class ScriptedCredentials : ICredentialLeases, ISecretSealer
{
    private readonly ConcurrentDictionary<(string User, string Id), Credential> _credentials = new();

    /// <summary>The uses of credentials, in their order.</summary>
    public ConcurrentQueue<(string User, string Id, string Purpose)> Uses { get; } = new();

    /// <summary>Whether a credential cannot be used.</summary>
    public Func<string, bool> IsUnusable { get; set; } = _ => false;

    /// <summary>Gives a user a credential.</summary>
    /// <param name="user">The user.</param>
    /// <param name="credential">The credential.</param>
    public void Add(string user, Credential credential) => _credentials[(user, credential.Id)] = credential;

    /// <summary>Takes a credential away.</summary>
    /// <param name="user">The user.</param>
    /// <param name="id">The credential.</param>
    public void Remove(string user, string id) => _credentials.TryRemove((user, id), out _);

    /// <summary>Registers it in the place of the real ones.</summary>
    /// <param name="services">The services of a silo.</param>
    public void Register(IServiceCollection services) => services.AddSingleton<ICredentialLeases>(this).AddSingleton<ISecretSealer>(this);

    /// <inheritdoc/>
    public Task<CredentialLease?> AcquireAsync(string userId, string credentialId, CredentialUse use, CancellationToken cancellationToken)
    {
        Uses.Enqueue((userId, credentialId, use.Purpose));
        if (IsUnusable(credentialId)) throw new CredentialUnusableException("The credential has expired; connect it again.");
        return Task.FromResult<CredentialLease?>(_credentials.TryGetValue((userId, credentialId), out var credential) ? new Lease(credential) : null);
    }

    /// <inheritdoc/>
    public Task<byte[]> SealAsync(string userId, string purpose, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) =>
        Task.FromResult<byte[]>([.. Mark(userId, purpose), .. secret.ToArray().Reverse()]);

    /// <inheritdoc/>
    public Task<byte[]> OpenAsync(string userId, string purpose, ReadOnlyMemory<byte> @sealed, CancellationToken cancellationToken)
    {
        var mark = Mark(userId, purpose);
        if (!@sealed.Span.StartsWith(mark)) throw new InvalidOperationException($"The value was not sealed for {purpose} of {userId}.");
        return Task.FromResult<byte[]>([.. @sealed[mark.Length..].ToArray().Reverse()]);
    }

    private static byte[] Mark(string userId, string purpose) => Encoding.UTF8.GetBytes($"{userId}/{purpose}:");

    private sealed class Lease(Credential credential) : CredentialLease
    {
        public override Credential Credential => credential;

        public override long Fence => 1;

        public override CancellationToken Lost => CancellationToken.None;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
