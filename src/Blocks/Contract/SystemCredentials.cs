namespace Grainflow.Blocks.Contract;

/// <summary>The ids of the platform's own credentials, to which price rules refer (contract: semantics 4.3, <c>costs.tsv</c>).</summary>
public static class SystemCredentials
{
    /// <summary>The provider whose credential needs no key.</summary>
    public const string Ollama = "ollama";

    /// <summary>The provider whose credential is a user name and a password.</summary>
    public const string Proxy = "webshare_proxy";

    /// <summary>The id of the credential by provider.</summary>
    public static IReadOnlyDictionary<string, string> Ids { get; } = new OrderedDictionary<string, string>(StringComparer.Ordinal)
    {
        [Ollama] = "744fdc56-071a-4761-b5a5-0af0ce10a2b5",
        ["openai"] = "53c25cb8-e3ee-465c-a4d1-e75a4c899c2a",
        ["anthropic"] = "24e5d942-d9e3-4798-8151-90143ee55629",
        ["groq"] = "4ec22295-8f97-4dd1-b42b-2c6957a02545",
        ["open_router"] = "b5a0e27d-0c98-4df3-a4b9-10193e1f3c40",
        ["aiml_api"] = "aad82a89-9794-4ebb-977f-d736aa5260a3",
        ["llama_api"] = "d44045af-1c33-4833-9e19-752313214de2",
        ["v0"] = "c4e6d1a0-3b5f-4789-a8e2-9b123456789f",
        ["replicate"] = "6b9fc200-4726-4973-86c9-cd526f5ce5db",
        ["ideogram"] = "760f84fc-b270-42de-91f6-08efe1b512d0",
        ["revid"] = "fdb7f412-f519-48d1-9b5f-d2f73d0e01fe",
        ["d_id"] = "7f7b0654-c36b-4565-8fa7-9a52575dfae2",
        ["jina"] = "7f26de70-ba0d-494e-ba76-238e65e7b45f",
        ["unreal_speech"] = "66f20754-1b81-48e4-91d0-f4f0dd82145f",
        ["fal"] = "6c0f5bd0-9008-4638-9d79-4b40b631803e",
        ["exa"] = "96153e04-9c6c-4486-895f-5bb683b1ecec",
        ["e2b"] = "78d19fd7-4d59-4a16-8277-3ce310acf2b7",
        ["nvidia"] = "96b83908-2789-4dec-9968-18f0ece4ceb3",
        ["screenshotone"] = "3b1bdd16-8818-4bc2-8cbb-b23f9a3439ed",
        ["mem0"] = "ed55ac19-356e-4243-a6cb-bc599e9b716f",
        ["apollo"] = "544c62b5-1d0f-4156-8fb4-9525f11656eb",
        ["smartlead"] = "3bcdbda3-84a3-46af-8fdb-bfd2472298b8",
        ["google_maps"] = "9aa1bde0-4947-4a70-a20c-84daa3850d52",
        ["zerobounce"] = "63a6e279-2dc2-448e-bf57-85776f7176dc",
        ["enrichlayer"] = "d9fce73a-6c1d-4e8b-ba2e-12a456789def",
        ["openweathermap"] = "8b3d4e5f-6a7b-8c9d-0e1f-2a3b4c5d6e7f",
        [Proxy] = "a5b3c7d9-2e4f-4a6b-8c1d-9e0f1a2b3c4d",
    };

    /// <summary>The type of the credential of a provider.</summary>
    /// <param name="provider">The provider.</param>
    public static string TypeOf(string provider) => provider == Proxy ? CredentialTypes.UserPassword : CredentialTypes.ApiKey;
}
