using Grainflow.Blocks.Ai;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Contract;

/// <summary>A credentials pin whose provider follows from the pin <c>model</c>.</summary>
public sealed class LlmCredentialsPinAttribute() : CredentialsPinAttribute("aiml_api", "anthropic", "groq", "ollama", "openai", "open_router", "llama_api", "v0")
{
    internal override CredentialsRequirement Requirement => base.Requirement with
    {
        Discriminator = "model",
        DiscriminatorMapping = ModelTable.All.ToDictionary(m => m.Id, m => m.Provider, StringComparer.Ordinal),
    };
}
