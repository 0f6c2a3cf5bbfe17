using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>The record of one node execution, which outlives its attempts.</summary>
internal sealed class MemorySteps : IStepJournal
{
    private readonly Dictionary<int, JsonElement> _done = [];

    /// <summary>The steps that attempts did, by kind.</summary>
    public List<string> Done { get; } = [];

    public async Task<JsonElement?> OnceAsync(int step, string kind, Func<Task<JsonElement?>> work, CancellationToken cancellationToken)
    {
        if (_done.TryGetValue(step, out var recorded)) return recorded;
        if (await work() is not { } result) return null;
        Done.Add($"{step} {kind}");
        _done.Add(step, result);
        return result;
    }
}
