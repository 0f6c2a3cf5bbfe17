using System.Numerics;

namespace Grainflow.Templates.Values;

/// <summary>Python's truth of values.</summary>
internal static class Truthiness
{
    public static bool Of(object value) => value switch
    {
        None or Undefined => false,
        bool truth => truth,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        string text => text.Length > 0,
        Markup text => text.Text.Length > 0,
        ListValue list => list.Count > 0,
        TupleValue tuple => tuple.Items.Count > 0,
        DictValue dict => dict.Count > 0,
        ViewValue view => view.Items.Count > 0,
        _ => true,
    };
}
