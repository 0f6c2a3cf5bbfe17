using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Input;

[Block("d3b32f15-6fd7-40e3-be52-e083f51b19a2", "Graph input holding a chosen Google Drive file reference.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentGoogleDriveFileInputBlock : PureBlock<AgentGoogleDriveFileInputBlock.Input, AgentGoogleDriveFileInputBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        if (input.Value is { } file) yield return EmitObject(nameof(Output.Result), file);
    }

    internal sealed record Input : AgentInput
    {
        [Pin(Title = "Selected File", Advanced = false)]
        public new GoogleDriveFile? Value { get; init; }

        [Pin(Type = "array<enum(DOCS|DOCUMENTS|SPREADSHEETS|PRESENTATIONS|DOCS_IMAGES|FOLDERS)>", Advanced = false)]
        public IReadOnlyList<string> AllowedViews { get; init; } = ["DOCS", "SPREADSHEETS", "PRESENTATIONS"];

        public bool AllowFolderSelection { get; init; }
    }

    internal sealed record Output
    {
        public required GoogleDriveFile Result { get; init; }
    }
}
