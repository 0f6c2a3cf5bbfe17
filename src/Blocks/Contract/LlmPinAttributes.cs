using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Marks a pin whose value is the id of a language model in the <see cref="ModelTable"/>.</summary>
public sealed class LlmModelPinAttribute : PinAttribute
{
    internal override PinType DeclaredType { get; } = new PinType.EnumType([.. ModelTable.All.Select(m => m.Id)]);

    internal override void Extend(IDictionary<string, JsonElement> schema)
    {
        schema["llm_model"] = JsonValues.True;
        schema["title"] = JsonValues.From("LLM Model");
    }
}

/// <summary>Marks a credentials pin whose provider is that of the model in the pin <c>model</c>.</summary>
public sealed class LlmCredentialsPinAttribute() : CredentialsPinAttribute("aiml_api", "anthropic", "groq", "ollama", "openai", "open_router", "llama_api", "v0")
{
    internal override CredentialsRequirement Requirement => base.Requirement with
    {
        Discriminator = "model",
        DiscriminatorMapping = ModelTable.All.ToDictionary(m => m.Id, m => m.Provider, StringComparer.Ordinal),
    };
}
