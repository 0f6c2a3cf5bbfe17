using System.Text;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// How many tokens a text has, without a tokenizer: one for every four bytes of UTF-8, rounded up. For English prose this is
/// close to what the o200k tokenizer counts; for other scripts it counts more, which keeps prompts inside their limits.
/// </summary>
public static class TokenEstimate
{
    private const int BytesPerToken = 4;

    /// <summary>The estimate; 0 for the empty text.</summary>
    /// <param name="text">Any text.</param>
    public static int Of(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;
}
