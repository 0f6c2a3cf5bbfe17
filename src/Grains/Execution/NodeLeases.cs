using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;

namespace Grainflow.Grains.Execution;

/// <summary>The leases of the credentials of one attempt. They are held until the block has ended, also when nobody waits for it any more.</summary>
/// <param name="credentials">Grants the leases.</param>
/// <param name="attempt">The attempt; it is cancelled when a lease is lost.</param>
internal sealed class NodeLeases(ICredentialLeases credentials, NodeAttempt attempt) : IAsyncDisposable
{
    private readonly Dictionary<string, CredentialLease> _byId = new(StringComparer.Ordinal);
    private readonly List<CancellationTokenRegistration> _losses = [];
    private Task? _block;

    /// <summary>Acquires a lease of each credential that the input names.</summary>
    /// <param name="block">The block.</param>
    /// <returns>The credentials by pin.</returns>
    /// <exception cref="InvalidOperationException">A credential is not there.</exception>
    /// <exception cref="CredentialUnusableException">A credential cannot be used.</exception>
    public async Task<Dictionary<string, Credential>> AcquireAsync(BlockDefinition block)
    {
        var found = new Dictionary<string, Credential>(StringComparer.Ordinal);
        if (block.Inputs.All(pin => pin.Credentials is null)) return found;
        var input = JsonValues.ParseUtf8(attempt.Work.Input.Memory.Span);
        foreach (var pin in block.Inputs.Where(pin => pin.Credentials is not null))
        {
            if (input.Member(pin.Name)?.Member("id") is not { ValueKind: JsonValueKind.String } id) continue;
            found[pin.Name] = (await AcquireAsync(pin.Name, id.GetString()!)).Credential;
        }

        attempt.Providers = [.. found.Values.Select(credential => credential.Provider)];
        return found;
    }

    /// <summary>Keeps the leases until a block has ended that did not end after its cancellation.</summary>
    /// <param name="block">The block.</param>
    public void KeepUntilEnd(Task block) => _block = block;

    /// <summary>Gives the leases back. Does not wait for a block that is still running.</summary>
    public ValueTask DisposeAsync()
    {
        foreach (var loss in _losses) loss.Unregister();
        if (_byId.Count == 0) return ValueTask.CompletedTask;
        var released = ReleaseAsync();
        return _block is null ? new ValueTask(released) : ValueTask.CompletedTask;
    }

    private async Task<CredentialLease> AcquireAsync(string pin, string id)
    {
        if (_byId.TryGetValue(id, out var held)) return held;
        var use = new CredentialUse("block") { RunId = attempt.Work.RunId, NodeExecutionId = attempt.NodeExecutionId };
        var lease = await credentials.AcquireAsync(attempt.Work.UserId, id, use, attempt.Cancelled)
            ?? throw new InvalidOperationException($"Credentials #{id} of '{pin}' are not found, or their provider is not configured here.");
        _byId[id] = lease;
        _losses.Add(lease.Lost.UnsafeRegister(static lost => ((NodeAttempt)lost!).CancelWithoutCredentials(), attempt));
        return lease;
    }

    private async Task ReleaseAsync()
    {
        if (_block is not null) await _block.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var lease in _byId.Values) await lease.DisposeAsync();
    }
}
