using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Templates;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Output;

[Block("363ae599-353e-4804-937e-b2ee3cef3da4", "Graph output; records a named value, optionally templated.", "BASIC", "OUTPUT", Kind = BlockKind.Output, StaticOutput = true)]
internal sealed class AgentOutputBlock : PureBlock<AgentOutputBlock.Input, AgentOutputBlock.Outputs>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        if (input.Format.Length > 0) return [Emit(nameof(Outputs.Output), Render(input))];
        return [Emit(nameof(Outputs.Output), input.Value), Emit(nameof(Outputs.Name), input.Name)];
    }

    // When the template fails, its error is emitted as the result; the node does not fail.
    private static string Render(Input input)
    {
        try
        {
            return TemplateEngine.Render(input.Format, new Dictionary<string, JsonElement>(StringComparer.Ordinal) { [input.Name] = input.Value }, input.EscapeHtml);
        }
        catch (Exception e) when (e is TemplateException or TemplateRuntimeException)
        {
            return $"Error: {e.Message}, {PythonText.Str(input.Value)}";
        }
    }

    internal sealed record Input
    {
        [Pin(Advanced = false)]
        public JsonElement Value { get; init; } = JsonValues.Null;

        public required string Name { get; init; }

        public string? Title { get; init; }

        public string? Description { get; init; }

        public string Format { get; init; } = "";

        public bool EscapeHtml { get; init; }

        public bool Advanced { get; init; }

        public bool Secret { get; init; }
    }

    internal sealed record Outputs
    {
        public required JsonElement Output { get; init; }

        public required JsonElement Name { get; init; }
    }
}
