namespace Grainflow.Blocks.Ai;

/// <summary>A language model that blocks may name (contract: <c>costs.tsv</c>, kind <c>llm_model</c>).</summary>
/// <param name="Id">The model's id, as the pin names it.</param>
/// <param name="Provider">Who serves it, for example <c>openai</c>.</param>
/// <param name="Credits">The price of one call with the provider's system credential, in credits; 0 when calls are free.</param>
/// <param name="ContextWindow">Tokens of prompt and answer together.</param>
/// <param name="MaxOutput">Tokens of an answer at most, or null when the provider does not say.</param>
/// <param name="DisplayName">The name for people.</param>
/// <param name="Creator">Who made the model.</param>
public sealed record ModelInfo(string Id, string Provider, long Credits, int ContextWindow, int? MaxOutput, string DisplayName, string Creator);
