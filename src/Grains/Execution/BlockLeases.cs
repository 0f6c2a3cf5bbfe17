using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces;

namespace Grainflow.Grains.Execution;

/// <summary>The leases of the credentials of one execution of a block. They are held until the block has ended, also when nobody waits for it any more.</summary>
/// <param name="credentials">Grants the leases.</param>
/// <param name="userId">The user for whom the block runs.</param>
/// <param name="use">What is recorded of the use.</param>
/// <param name="lost">Cancels the block when a lease is lost.</param>
/// <param name="cancelled">Cancels waiting for a credential that is being changed.</param>
internal sealed class BlockLeases(ICredentialLeases credentials, string userId, CredentialUse use, Action lost, CancellationToken cancelled) : IAsyncDisposable
{
    private readonly Dictionary<string, CredentialLease> _byId = new(StringComparer.Ordinal);
    private readonly List<CancellationTokenRegistration> _losses = [];
    private Task? _block;

    /// <summary>Acquires a lease of each credential that the input names.</summary>
    /// <param name="block">The block.</param>
    /// <param name="input">Its input, a JSON object.</param>
    /// <returns>The credentials by pin.</returns>
    /// <exception cref="InvalidOperationException">A credential is not there.</exception>
    /// <exception cref="CredentialUnusableException">A credential cannot be used.</exception>
    public async Task<Dictionary<string, Credential>> AcquireAsync(BlockDefinition block, JsonPayload input)
    {
        var found = new Dictionary<string, Credential>(StringComparer.Ordinal);
        if (block.Inputs.All(pin => pin.Credentials is null)) return found;
        var given = JsonValues.ParseUtf8(input.Memory.Span);
        foreach (var pin in block.Inputs.Where(pin => pin.Credentials is not null))
        {
            if (given.Member(pin.Name)?.Member("id") is not { ValueKind: JsonValueKind.String } id) continue;
            found[pin.Name] = (await AcquireAsync(pin.Name, id.GetString()!)).Credential;
        }

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
        var lease = await credentials.AcquireAsync(userId, id, use, cancelled)
            ?? throw new InvalidOperationException($"Credentials #{id} of '{pin}' are not found, or their provider is not configured here.");
        _byId[id] = lease;
        _losses.Add(lease.Lost.UnsafeRegister(static lost => ((Action)lost!)(), lost));
        return lease;
    }

    private async Task ReleaseAsync()
    {
        if (_block is not null) await _block.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var lease in _byId.Values) await lease.DisposeAsync();
    }
}
