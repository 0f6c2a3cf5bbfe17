namespace Grainflow.Blocks.Contract;

/// <summary>The ids of the platform's own credentials, to which price rules refer (contract: semantics 4.3, <c>costs.tsv</c>).</summary>
public static class SystemCredentials
{
    /// <summary>The id of the credential by provider.</summary>
    public static IReadOnlyDictionary<string, string> Ids { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ollama"] = "744fdc56-071a-4761-b5a5-0af0ce10a2b5",
        ["openai"] = "53c25cb8-e3ee-465c-a4d1-e75a4c899c2a",
        ["anthropic"] = "24e5d942-d9e3-4798-8151-90143ee55629",
        ["groq"] = "4ec22295-8f97-4dd1-b42b-2c6957a02545",
        ["open_router"] = "b5a0e27d-0c98-4df3-a4b9-10193e1f3c40",
        ["aiml_api"] = "aad82a89-9794-4ebb-977f-d736aa5260a3",
        ["llama_api"] = "d44045af-1c33-4833-9e19-752313214de2",
        ["v0"] = "c4e6d1a0-3b5f-4789-a8e2-9b123456789f",
        ["jina"] = "7f26de70-ba0d-494e-ba76-238e65e7b45f",
    };
}
