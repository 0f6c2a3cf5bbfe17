namespace Grainflow.Blocks.Contract;

/// <summary>
/// Shows the text of a pin while it is made, to those who watch the run and ask for it (ADR 0040). It is a hint: texts are dropped when they come fast or something is slow, are not part of
/// the outputs, and are recorded nowhere. One thread at a time calls it, and no call waits.
/// </summary>
public interface IPartialText
{
    /// <summary>Begins the text of a pin, in the place of what was shown before.</summary>
    /// <param name="pin">The output pin that will get the text.</param>
    void Begin(string pin);

    /// <summary>Adds to the text.</summary>
    /// <param name="text">What follows; may be empty.</param>
    void Append(string text);
}
