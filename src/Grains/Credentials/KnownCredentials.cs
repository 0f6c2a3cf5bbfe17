using Grainflow.Engine.Execution;
using Grainflow.Storage.Credentials;

namespace Grainflow.Grains.Credentials;

/// <summary>Says which credentials a user may name in a run, without their secrets (contract: semantics 2.3).</summary>
internal interface IKnownCredentials
{
    /// <summary>Those of some credentials that the user or the platform has, by id.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="ids">The ids that a graph names.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask<IReadOnlyDictionary<string, CredentialFacts>> FindAsync(string userId, IReadOnlySet<string> ids, CancellationToken cancellationToken);
}

/// <inheritdoc cref="IKnownCredentials"/>
internal sealed class KnownCredentials(SystemCredentialVault platform, ICredentialStore store) : IKnownCredentials
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<string, CredentialFacts>> FindAsync(string userId, IReadOnlySet<string> ids, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, CredentialFacts>(StringComparer.Ordinal);
        foreach (var id in ids)
            if (platform.Find(id) is { } credential) known[id] = new CredentialFacts(credential.Provider, credential.Type);
        if (known.Count == ids.Count) return known;
        foreach (var row in await store.ListAsync(userId, cancellationToken))
            if (ids.Contains(row.Id)) known[row.Id] = new CredentialFacts(row.Provider, row.Type);
        return known;
    }
}
