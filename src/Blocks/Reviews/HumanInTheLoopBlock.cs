using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Reviews;

namespace Grainflow.Blocks.Reviews;

[Block("8b2a7b3c-6e9d-4a5f-8c1b-2e3f4a5b6c7d", "Pauses until a person approves, edits or rejects data.", "BASIC", Kind = BlockKind.HumanInTheLoop, Effect = BlockEffect.None)]
internal sealed class HumanInTheLoopBlock : Block<HumanInTheLoopBlock.Input, HumanInTheLoopBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (context.Reviews is not { } reviews)
        {
            yield return Emit(nameof(Output.ApprovedData), input.Data);
            yield return Emit(nameof(Output.ReviewMessage), "Auto-approved (safe mode disabled)");
            yield break;
        }

        var decision = await reviews.DecideAsync(new ReviewRequest(input.Data, input.Name, input.Editable), cancellationToken);
        if (decision.State == ReviewState.Waiting)
        {
            context.PauseForReview();
            yield break;
        }

        var approved = decision.State == ReviewState.Approved;
        yield return Emit(approved ? nameof(Output.ApprovedData) : nameof(Output.RejectedData), decision.Data ?? input.Data);
        yield return Emit(nameof(Output.ReviewMessage), decision.Message ?? (approved ? "Execution approved by reviewer" : "Execution rejected by reviewer"));
    }

    internal sealed record Input
    {
        public required JsonElement Data { get; init; }

        public required string Name { get; init; }

        public bool Editable { get; init; } = true;
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement ApprovedData { get; init; }

        public required JsonElement RejectedData { get; init; }

        public string ReviewMessage { get; init; } = "";
    }
}
