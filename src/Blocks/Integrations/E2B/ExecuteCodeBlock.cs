using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.E2B;

// What the code does outside is not known, so that it counts as one that changes something.
[Block("0b02b072-abe7-11ef-8372-fb5d162dd712", "Runs code in a fresh sandbox with access to the internet.", "DEVELOPER_TOOLS", Effect = BlockEffect.Write)]
internal sealed class ExecuteCodeBlock : Block<ExecuteCodeBlock.Input, ExecuteCodeBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (_, run) = await SandboxRun.ExecuteAsync(
            context, client => client.OpenAsync(input.TemplateId, input.Timeout, cancellationToken), input.SetupCommands, input.Code, input.Language, input.DisposeSandbox, cancellationToken);
        yield return Emit(nameof(Output.Results), run.Results);
        foreach (var result in run.MainResults) yield return Emit(nameof(Output.MainResult), result);
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
        public string Code { get; init; } = "";

        [Pin(Type = SandboxRun.Languages, Title = "ProgrammingLanguage", Advanced = false)]
        public string Language { get; init; } = "python";

        public long Timeout { get; init; } = 300;

        public bool DisposeSandbox { get; init; } = true;

        public string TemplateId { get; init; } = "";
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object", TypeSchema = SandboxRun.MainResultSchema)]
        public required JsonElement MainResult { get; init; }

        [Pin(Type = "array<object>", TypeSchema = SandboxRun.ResultsSchema)]
        public required JsonElement Results { get; init; }

        [Pin(Title = "Main Text Output")]
        public required string Response { get; init; }

        public required string StdoutLogs { get; init; }

        public required string StderrLogs { get; init; }
    }
}
