using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Templates;

namespace Grainflow.Blocks.Text;

[Block("db7d8f02-2f44-4c55-ab7a-eae0941f0c30", "Renders a template with the given values.", "TEXT")]
internal sealed class FillTextTemplateBlock : PureBlock<FillTextTemplateBlock.Input, FillTextTemplateBlock.Outputs>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        try
        {
            return [Emit(nameof(Outputs.Output), TemplateEngine.Render(input.Format, input.Values, input.EscapeHtml))];
        }
        catch (TemplateException e)
        {
            throw new BlockException(e.Message, e);
        }
    }

    internal sealed record Input
    {
        public required IReadOnlyDictionary<string, JsonElement> Values { get; init; }

        public required string Format { get; init; }

        public bool EscapeHtml { get; init; }
    }

    internal sealed record Outputs : BlockResult
    {
        public required string Output { get; init; }
    }
}
