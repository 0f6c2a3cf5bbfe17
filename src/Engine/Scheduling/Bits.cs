using System.Numerics;

namespace Grainflow.Engine.Scheduling;

/// <summary>Sets of small numbers in the bits of a word.</summary>
internal static class Bits
{
    /// <summary>The members in rising order.</summary>
    public static IEnumerable<int> Of(ulong set)
    {
        for (; set != 0; set &= set - 1) yield return BitOperations.TrailingZeroCount(set);
    }

    /// <summary>The members as a list of numbers and ranges, for example <c>1-5,7</c>.</summary>
    public static string Text(ulong set) => string.Join(',', Runs(set).Select(run => run.First == run.Last ? $"{run.First}" : $"{run.First}-{run.Last}"));

    /// <summary>The longest rows of members without a gap.</summary>
    public static IEnumerable<(int First, int Last)> Runs(ulong set)
    {
        while (set != 0)
        {
            var first = BitOperations.TrailingZeroCount(set);
            var length = BitOperations.TrailingZeroCount(~(set >> first));
            yield return (first, first + length - 1);
            set &= ~(((1UL << length) - 1) << first);
        }
    }
}
