namespace Grainflow.Blocks.Ai;

/// <summary>A model's answer.</summary>
/// <param name="Text">The text; may be empty.</param>
/// <param name="InputTokens">Tokens of the request, as the provider counted them; 0 when it did not say.</param>
/// <param name="OutputTokens">Tokens of the answer; 0 when the provider did not say.</param>
public sealed record ChatReply(string Text, long InputTokens, long OutputTokens);
