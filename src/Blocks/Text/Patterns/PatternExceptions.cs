namespace Grainflow.Blocks.Text.Patterns;

/// <summary>A pattern that Python refuses. The message is Python's.</summary>
/// <param name="message">For example <c>nothing to repeat at position 0</c>.</param>
internal sealed class PatternException(string message) : Exception(message);

/// <summary>A search that took more time or memory than it may.</summary>
/// <param name="message">Which limit was passed.</param>
internal sealed class PatternLimitException(string message) : Exception(message);
