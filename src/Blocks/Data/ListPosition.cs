namespace Grainflow.Blocks.Data;

/// <summary>Positions in lists as Python has them: a negative one counts from the end.</summary>
internal static class ListPosition
{
    /// <summary>The position from the beginning, or null when the list has none such.</summary>
    /// <param name="index">The position, which may be negative.</param>
    /// <param name="count">The number of elements of the list.</param>
    public static int? Find(long index, int count)
    {
        var at = index < 0 ? index + count : index;
        return at >= 0 && at < count ? (int)at : null;
    }
}
