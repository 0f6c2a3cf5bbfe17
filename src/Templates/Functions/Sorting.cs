using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Python's <c>sorted</c>: stable, also when reversed, by "less than" only. (The BCL's sorts wrap what a comparison throws.)</summary>
internal static class Sorting
{
    public static ListValue By(RenderState state, ListValue items, Func<object, object> key, bool reverse)
    {
        var pairs = items.Select(item => (Key: key(item), Item: item)).ToArray();
        var spare = new (object Key, object Item)[pairs.Length];
        for (var width = 1; width < pairs.Length; width *= 2)
        {
            for (var start = 0; start < pairs.Length; start += 2 * width)
                Merge(state, pairs, spare, start, Math.Min(start + width, pairs.Length), Math.Min(start + (2 * width), pairs.Length), reverse);
            (pairs, spare) = (spare, pairs);
        }

        return new ListValue(pairs.Select(pair => pair.Item));
    }

    private static void Merge(RenderState state, (object Key, object Item)[] from, (object Key, object Item)[] to, int start, int middle, int end, bool reverse)
    {
        var (left, right) = (start, middle);
        for (var at = start; at < end; at++)
        {
            var takesRight = left >= middle
                || (right < end && (reverse ? PythonComparison.IsLess(state, from[left].Key, from[right].Key) : PythonComparison.IsLess(state, from[right].Key, from[left].Key)));
            to[at] = takesRight ? from[right++] : from[left++];
        }
    }
}
