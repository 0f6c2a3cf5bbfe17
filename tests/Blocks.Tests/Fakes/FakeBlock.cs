using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>A block that does what a test tells it: one optional input <c>text</c>, outputs <c>output</c> and <c>count</c>.</summary>
internal sealed class FakeBlock(Func<JsonElement, CancellationToken, IAsyncEnumerable<BlockOutput>> run, BlockKind kind = BlockKind.Standard, bool sensitive = false) : IBlock
{
    public BlockDefinition Definition { get; } = new()
    {
        Id = "id-1",
        Name = "FakeBlock",
        Kind = kind,
        SensitiveAction = sensitive,
        Inputs = [new() { Name = "text", Type = PinType.String, Required = true }],
        Outputs = [new() { Name = "output", Type = PinType.String }, new() { Name = "count", Type = PinType.Number }],
        InputSchema = JsonValues.EmptyObject,
        OutputSchema = JsonValues.EmptyObject,
    };

    public IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, CancellationToken cancellationToken) => run(input, cancellationToken);
}
