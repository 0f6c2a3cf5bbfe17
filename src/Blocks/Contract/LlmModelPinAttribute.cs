using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>A pin that names a language model of <see cref="ModelTable"/>.</summary>
public sealed class LlmModelPinAttribute : PinAttribute
{
    internal override PinType DeclaredType { get; } = new PinType.EnumType([.. ModelTable.All.Select(m => m.Id)]);

    internal override void Extend(IDictionary<string, JsonElement> schema)
    {
        schema["llm_model"] = JsonValues.True;
        schema["title"] = JsonValues.From("LLM Model");
    }
}
