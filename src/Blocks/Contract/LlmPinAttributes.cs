using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>
/// Marks a pin whose value is the id of a language model. Forms offer those of the <see cref="ModelTable"/>; any other is taken, too, and is the provider's of the credential
/// (contract: upstream, section 4; decision 35).
/// </summary>
public sealed class LlmModelPinAttribute : PinAttribute
{
    internal override PinType DeclaredType => PinType.String;

    internal override void Extend(IDictionary<string, JsonElement> schema)
    {
        schema["enum"] = JsonValues.Array(ModelTable.All.Select(model => JsonValues.From(model.Id)));
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
