namespace Grainflow.Blocks.Ai;

/// <summary>The language models of the contract (<c>costs.tsv</c>), in its order.</summary>
public static class ModelTable
{
    /// <summary>The default model of AI blocks (contract: block-tiers, tier 2).</summary>
    public const string Default = "gpt-5.2-2025-12-11";

    /// <summary>The tokens of prompt and answer together of a model that the table does not have, unless the settings say otherwise.</summary>
    public const int UnknownContextWindow = 128_000;

    /// <summary>All models in the order of the contract.</summary>
    public static IReadOnlyList<ModelInfo> All { get; } =
    [
        new("o3-mini", "openai", 2, 200_000, 100_000, "O3 Mini", "OpenAI"),
        new("o3-2025-04-16", "openai", 4, 200_000, 100_000, "O3", "OpenAI"),
        new("o1", "openai", 16, 200_000, 100_000, "O1", "OpenAI"),
        new("o1-mini", "openai", 4, 128_000, 65_536, "O1 Mini", "OpenAI"),
        new("gpt-5.2-2025-12-11", "openai", 6, 400_000, 128_000, "GPT-5.2", "OpenAI"),
        new("gpt-5.1-2025-11-13", "openai", 5, 400_000, 128_000, "GPT-5.1", "OpenAI"),
        new("gpt-5-2025-08-07", "openai", 2, 400_000, 128_000, "GPT-5", "OpenAI"),
        new("gpt-5-mini-2025-08-07", "openai", 1, 400_000, 128_000, "GPT-5 Mini", "OpenAI"),
        new("gpt-5-nano-2025-08-07", "openai", 1, 400_000, 128_000, "GPT-5 Nano", "OpenAI"),
        new("gpt-5-chat-latest", "openai", 5, 400_000, 16_384, "GPT-5 Chat Latest", "OpenAI"),
        new("gpt-4.1-2025-04-14", "openai", 2, 1_047_576, 32_768, "GPT-4.1", "OpenAI"),
        new("gpt-4.1-mini-2025-04-14", "openai", 1, 1_047_576, 32_768, "GPT-4.1 Mini", "OpenAI"),
        new("gpt-4o-mini", "openai", 1, 128_000, 16_384, "GPT-4o Mini", "OpenAI"),
        new("gpt-4o", "openai", 3, 128_000, 16_384, "GPT-4o", "OpenAI"),
        new("gpt-4-turbo", "openai", 10, 128_000, 4_096, "GPT-4 Turbo", "OpenAI"),
        new("gpt-3.5-turbo", "openai", 1, 16_385, 4_096, "GPT-3.5 Turbo", "OpenAI"),
        new("claude-opus-4-1-20250805", "anthropic", 21, 200_000, 32_000, "Claude Opus 4.1", "Anthropic"),
        new("claude-opus-4-20250514", "anthropic", 21, 200_000, 32_000, "Claude Opus 4", "Anthropic"),
        new("claude-sonnet-4-20250514", "anthropic", 5, 200_000, 64_000, "Claude Sonnet 4", "Anthropic"),
        new("claude-opus-4-5-20251101", "anthropic", 14, 200_000, 64_000, "Claude Opus 4.5", "Anthropic"),
        new("claude-sonnet-4-5-20250929", "anthropic", 9, 200_000, 64_000, "Claude Sonnet 4.5", "Anthropic"),
        new("claude-haiku-4-5-20251001", "anthropic", 4, 200_000, 64_000, "Claude Haiku 4.5", "Anthropic"),
        new("claude-3-7-sonnet-20250219", "anthropic", 5, 200_000, 64_000, "Claude 3.7 Sonnet", "Anthropic"),
        new("claude-3-haiku-20240307", "anthropic", 1, 200_000, 4_096, "Claude 3 Haiku", "Anthropic"),
        new("Qwen/Qwen2.5-72B-Instruct-Turbo", "aiml_api", 1, 32_000, 8_000, "Qwen 2.5 72B Instruct Turbo", "Qwen"),
        new("nvidia/llama-3.1-nemotron-70b-instruct", "aiml_api", 1, 128_000, 40_000, "Llama 3.1 Nemotron 70B Instruct", "Nvidia"),
        new("meta-llama/Llama-3.3-70B-Instruct-Turbo", "aiml_api", 1, 128_000, null, "Llama 3.3 70B Instruct Turbo", "Meta"),
        new("meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo", "aiml_api", 1, 131_000, 2_000, "Llama 3.1 70B Instruct Turbo", "Meta"),
        new("meta-llama/Llama-3.2-3B-Instruct-Turbo", "aiml_api", 1, 128_000, null, "Llama 3.2 3B Instruct Turbo", "Meta"),
        new("llama-3.3-70b-versatile", "groq", 1, 128_000, 32_768, "Llama 3.3 70B Versatile", "Meta"),
        new("llama-3.1-8b-instant", "groq", 1, 128_000, 8_192, "Llama 3.1 8B Instant", "Meta"),
        new("llama3.3", "ollama", 0, 8_192, null, "Llama 3.3", "Meta"),
        new("llama3.2", "ollama", 0, 8_192, null, "Llama 3.2", "Meta"),
        new("llama3", "ollama", 0, 8_192, null, "Llama 3", "Meta"),
        new("llama3.1:405b", "ollama", 0, 8_192, null, "Llama 3.1 405B", "Meta"),
        new("dolphin-mistral:latest", "ollama", 0, 32_768, null, "Dolphin Mistral Latest", "Mistral AI"),
        new("openai/gpt-oss-120b", "open_router", 1, 131_072, 131_072, "GPT-OSS 120B", "OpenAI"),
        new("openai/gpt-oss-20b", "open_router", 1, 131_072, 32_768, "GPT-OSS 20B", "OpenAI"),
        new("google/gemini-2.5-pro-preview-03-25", "open_router", 4, 1_050_000, 8_192, "Gemini 2.5 Pro Preview 03.25", "Google"),
        new("google/gemini-3-pro-preview", "open_router", 5, 1_048_576, 65_535, "Gemini 3 Pro Preview", "Google"),
        new("google/gemini-2.5-flash", "open_router", 1, 1_048_576, 65_535, "Gemini 2.5 Flash", "Google"),
        new("google/gemini-2.0-flash-001", "open_router", 1, 1_048_576, 8_192, "Gemini 2.0 Flash 001", "Google"),
        new("google/gemini-2.5-flash-lite-preview-06-17", "open_router", 1, 1_048_576, 65_535, "Gemini 2.5 Flash Lite Preview 06.17", "Google"),
        new("google/gemini-2.0-flash-lite-001", "open_router", 1, 1_048_576, 8_192, "Gemini 2.0 Flash Lite 001", "Google"),
        new("mistralai/mistral-nemo", "open_router", 1, 128_000, 4_096, "Mistral Nemo", "Mistral AI"),
        new("cohere/command-r-08-2024", "open_router", 1, 128_000, 4_096, "Command R 08.2024", "Cohere"),
        new("cohere/command-r-plus-08-2024", "open_router", 3, 128_000, 4_096, "Command R Plus 08.2024", "Cohere"),
        new("deepseek/deepseek-chat", "open_router", 2, 64_000, 2_048, "DeepSeek Chat", "DeepSeek"),
        new("deepseek/deepseek-r1-0528", "open_router", 1, 163_840, 163_840, "DeepSeek R1 0528", "DeepSeek"),
        new("perplexity/sonar", "open_router", 1, 127_000, 8_000, "Sonar", "Perplexity"),
        new("perplexity/sonar-pro", "open_router", 5, 200_000, 8_000, "Sonar Pro", "Perplexity"),
        new("perplexity/sonar-deep-research", "open_router", 10, 128_000, 16_000, "Sonar Deep Research", "Perplexity"),
        new("nousresearch/hermes-3-llama-3.1-405b", "open_router", 1, 131_000, 4_096, "Hermes 3 Llama 3.1 405B", "Nous Research"),
        new("nousresearch/hermes-3-llama-3.1-70b", "open_router", 1, 12_288, 12_288, "Hermes 3 Llama 3.1 70B", "Nous Research"),
        new("amazon/nova-lite-v1", "open_router", 1, 300_000, 5_120, "Nova Lite V1", "Amazon"),
        new("amazon/nova-micro-v1", "open_router", 1, 128_000, 5_120, "Nova Micro V1", "Amazon"),
        new("amazon/nova-pro-v1", "open_router", 1, 300_000, 5_120, "Nova Pro V1", "Amazon"),
        new("microsoft/wizardlm-2-8x22b", "open_router", 1, 65_536, 4_096, "WizardLM 2 8x22B", "Microsoft"),
        new("gryphe/mythomax-l2-13b", "open_router", 1, 4_096, 4_096, "MythoMax L2 13B", "Gryphe"),
        new("meta-llama/llama-4-scout", "open_router", 1, 131_072, 131_072, "Llama 4 Scout", "Meta"),
        new("meta-llama/llama-4-maverick", "open_router", 1, 1_048_576, 1_000_000, "Llama 4 Maverick", "Meta"),
        new("x-ai/grok-4", "open_router", 9, 256_000, 256_000, "Grok 4", "xAI"),
        new("x-ai/grok-4-fast", "open_router", 1, 2_000_000, 30_000, "Grok 4 Fast", "xAI"),
        new("x-ai/grok-4.1-fast", "open_router", 1, 2_000_000, 30_000, "Grok 4.1 Fast", "xAI"),
        new("x-ai/grok-code-fast-1", "open_router", 1, 256_000, 10_000, "Grok Code Fast 1", "xAI"),
        new("moonshotai/kimi-k2", "open_router", 1, 131_000, 131_000, "Kimi K2", "Moonshot AI"),
        new("qwen/qwen3-235b-a22b-thinking-2507", "open_router", 1, 262_144, 262_144, "Qwen 3 235B A22B Thinking 2507", "Qwen"),
        new("qwen/qwen3-coder", "open_router", 9, 262_144, 262_144, "Qwen 3 Coder", "Qwen"),
        new("Llama-4-Scout-17B-16E-Instruct-FP8", "llama_api", 1, 128_000, 4_028, "Llama 4 Scout 17B 16E Instruct FP8", "Meta"),
        new("Llama-4-Maverick-17B-128E-Instruct-FP8", "llama_api", 1, 128_000, 4_028, "Llama 4 Maverick 17B 128E Instruct FP8", "Meta"),
        new("Llama-3.3-8B-Instruct", "llama_api", 1, 128_000, 4_028, "Llama 3.3 8B Instruct", "Meta"),
        new("Llama-3.3-70B-Instruct", "llama_api", 1, 128_000, 4_028, "Llama 3.3 70B Instruct", "Meta"),
        new("v0-1.5-md", "v0", 1, 128_000, 64_000, "v0 1.5 MD", "V0"),
        new("v0-1.5-lg", "v0", 2, 512_000, 64_000, "v0 1.5 LG", "V0"),
        new("v0-1.0-md", "v0", 1, 128_000, 64_000, "v0 1.0 MD", "V0"),
    ];

    private static readonly Dictionary<string, ModelInfo> ById = All.ToDictionary(m => m.Id, StringComparer.Ordinal);

    // Models that their providers do not serve any more, with those that took their place (contract: upstream, section 4).
    private static readonly Dictionary<string, string> Retired = new(StringComparer.Ordinal) { ["claude-3-7-sonnet-20250219"] = "claude-sonnet-4-5-20250929" };

    /// <summary>The model of that id, or null.</summary>
    /// <param name="id">A model's id.</param>
    public static ModelInfo? Find(string id) => ById.GetValueOrDefault(id);

    /// <summary>A model that the table does not have.</summary>
    /// <param name="id">Its id, as the provider knows it.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="contextWindow">The most tokens of prompt and answer together.</param>
    /// <param name="maxOutput">The most tokens of an answer.</param>
    public static ModelInfo Unknown(string id, string provider, int contextWindow = UnknownContextWindow, int maxOutput = OutputLimit.Unknown) =>
        new(id, provider, Credits: 0, contextWindow, maxOutput, DisplayName: id, Creator: "");

    /// <summary>The id by which the provider knows a model today: that of its successor when it is retired.</summary>
    /// <param name="id">A model's id.</param>
    public static string Served(string id) => Retired.GetValueOrDefault(id, id);
}

/// <summary>A language model that blocks may name (contract: <c>costs.tsv</c>, kind <c>llm_model</c>).</summary>
/// <param name="Id">The value of pins that name the model.</param>
/// <param name="Provider">The provider that serves it, for example <c>openai</c>.</param>
/// <param name="Credits">The price of one call with the provider's system credential, in credits; 0 when calls are free.</param>
/// <param name="ContextWindow">The most tokens of prompt and answer together.</param>
/// <param name="MaxOutput">The most tokens of an answer, or null when the provider does not publish it.</param>
/// <param name="DisplayName">The name that user interfaces show.</param>
/// <param name="Creator">The company that made the model.</param>
public sealed record ModelInfo(string Id, string Provider, long Credits, int ContextWindow, int? MaxOutput, string DisplayName, string Creator);
