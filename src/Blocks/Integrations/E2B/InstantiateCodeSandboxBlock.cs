using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.E2B;

// What the code does outside is not known, so that it counts as one that changes something.
[Block("ff0861c9-1726-4aec-9e5b-bf53f3622112", "Opens a sandbox that later steps run code in.", "DEVELOPER_TOOLS", Effect = BlockEffect.Write)]
internal sealed class InstantiateCodeSandboxBlock : Block<InstantiateCodeSandboxBlock.Input, InstantiateCodeSandboxBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (sandbox, run) = await SandboxRun.ExecuteAsync(
            context, client => client.OpenAsync(input.TemplateId, input.Timeout, cancellationToken), input.SetupCommands, input.SetupCode, input.Language, disposes: false, cancellationToken);
        yield return Emit(nameof(Output.SandboxId), sandbox.Id);
        if (run.Text.Length > 0) yield return Emit(nameof(Output.Response), run.Text);
        if (run.Output.Length > 0) yield return Emit(nameof(Output.StdoutLogs), run.Output);
        if (run.ErrorOutput.Length > 0) yield return Emit(nameof(Output.StderrLogs), run.ErrorOutput);
    }

    internal sealed record Input
    {
        [CredentialsPin("e2b")]
        public required CredentialsReference Credentials { get; init; }

        [Pin(Advanced = false)]
        public IReadOnlyList<string> SetupCommands { get; init; } = [];

        [Pin(Advanced = false)]
        public string SetupCode { get; init; } = "";

        [Pin(Type = SandboxRun.Languages, Title = "ProgrammingLanguage", Advanced = false)]
        public string Language { get; init; } = "python";

        public long Timeout { get; init; } = 300;

        public string TemplateId { get; init; } = "";
    }

    internal sealed record Output : BlockResult
    {
        public required string SandboxId { get; init; }

        [Pin(Title = "Text Result")]
        public required string Response { get; init; }

        public required string StdoutLogs { get; init; }

        public required string StderrLogs { get; init; }
    }
}
