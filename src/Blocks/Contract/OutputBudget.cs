namespace Grainflow.Blocks.Contract;

/// <summary>
/// Counts what a block is going to emit as one value, for blocks whose output can be much larger than their input. Such a block asks before it makes a part, so
/// that the memory of the process is not full before the platform refuses the output by its size.
/// </summary>
internal sealed class OutputBudget
{
    /// <summary>The most that one value may have, in characters: the largest value that <c>MAX_OUTPUT_BYTES</c> can allow.</summary>
    public const long MaxLength = 32 * 1024 * 1024;

    private long _used;

    /// <summary>Counts a part of the output.</summary>
    /// <param name="length">Its characters, 0 or more.</param>
    /// <exception cref="BlockException">The output would be too large.</exception>
    public void Take(long length)
    {
        // The order of the comparison avoids an overflow.
        if (length > MaxLength - _used) throw new BlockException($"The output would have more than {MaxLength} characters, which is the limit");
        _used += length;
    }

    /// <summary>Counts a part that is repeated.</summary>
    /// <param name="length">The characters of the part, 0 or more.</param>
    /// <param name="count">How often it stands in the output, 0 or more.</param>
    /// <exception cref="BlockException">The output would be too large.</exception>
    public void Take(long length, long count) => Take(length > 0 && count > MaxLength / length ? MaxLength + 1 : length * count);
}
