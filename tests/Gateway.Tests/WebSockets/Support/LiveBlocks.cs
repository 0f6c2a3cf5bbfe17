using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>The built blocks, and two that do what a test says.</summary>
internal sealed class LiveBlocks : IBlockRegistry, IBlockCatalogue
{
    /// <summary>Emits its <c>value</c>, in a list when <c>wrap</c> is there, after the gate that its <c>gate</c> names has opened; fails with its <c>fail</c>.</summary>
    public const string Step = "00000000-0000-4000-8000-000000000001";

    /// <summary>Emits <c>count</c> texts of <c>bytes</c> characters, after each of the gates <c>gate0</c>, <c>gate1</c>, … when <c>gate</c> is there.</summary>
    public const string Stream = "00000000-0000-4000-8000-000000000002";

    private readonly BlockCatalogue _built = new();
    private readonly Dictionary<string, IBlock> _blocks;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    public LiveBlocks() => _blocks = new IBlock[] { new ScriptedBlock(Step, StepAsync), new ScriptedBlock(Stream, StreamAsync) }
        .ToDictionary(block => block.Definition.Id, StringComparer.Ordinal);

    public void Open(string gate) => Gate(gate).TrySetResult();

    public BlockDefinition? Find(string blockId) => FindBlock(blockId)?.Definition;

    public IBlock? FindBlock(string blockId) => _blocks.GetValueOrDefault(blockId) ?? _built.FindBlock(blockId);

    private TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async IAsyncEnumerable<BlockOutput> StepAsync(JsonElement input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (input.Member("gate") is { ValueKind: JsonValueKind.String } gate) await Gate(gate.GetString()!).Task.WaitAsync(cancellationToken);
        if (input.Member("fail") is { ValueKind: JsonValueKind.String } message) throw new BlockException(message.GetString()!);
        var value = input.Member("value") ?? JsonValues.Null;
        yield return new BlockOutput("value", input.Member("wrap") is null ? value : JsonValues.Array(value));
    }

    private async IAsyncEnumerable<BlockOutput> StreamAsync(JsonElement input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var padding = new string('.', input.Member("bytes")?.GetInt32() ?? 0);
        for (var i = 0; i < input.Member("count")!.Value.GetInt32(); i++)
        {
            if (input.Member("gate") is { ValueKind: JsonValueKind.String } gate) await Gate($"{gate.GetString()}{i}").Task.WaitAsync(cancellationToken);
            yield return new BlockOutput("value", JsonValues.From($"{i}{padding}"));
        }
    }

    private sealed class ScriptedBlock(string id, Func<JsonElement, CancellationToken, IAsyncEnumerable<BlockOutput>> run) : IBlock
    {
        public BlockDefinition Definition { get; } = new()
        {
            Id = id,
            Name = "Scripted",
            AcceptsAnyPin = true,
            InputSchema = JsonValues.EmptyObject,
            OutputSchema = JsonValues.EmptyObject,
        };

        public IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, CancellationToken cancellationToken) => run(input, cancellationToken);
    }
}
