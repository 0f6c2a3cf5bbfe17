using Grainflow.Engine.Values;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Reads what filters name by <c>attribute</c>: <c>"a.b.0"</c>, a whole number, or nothing for the element itself.</summary>
internal static class Attributes
{
    public static Func<object, object> Getter(object? attribute, object? otherwise = null)
    {
        if (attribute is null) return item => item;
        var parts = attribute is string or Markup
            ? Printer.Text(attribute).Split('.').Select(Part).ToList()
            : [attribute];
        return item =>
        {
            foreach (var part in parts)
            {
                item = Members.Item(item, part);
                if (item is Undefined && otherwise is not null) item = otherwise;
            }

            return item;
        };
    }

    /// <summary>What elements are sorted and compared by; texts without regard to case unless asked for.</summary>
    public static Func<object, object> Key(object? attribute, bool caseSensitive, object? otherwise = null)
    {
        var getter = Getter(attribute, otherwise);
        return caseSensitive ? getter : item => IgnoreCase(getter(item));
    }

    public static object IgnoreCase(object value) => value is string or Markup ? PythonCase.Lower(Printer.Text(value)) : value;

    // int(part) if part.isdigit() else part: a raised digit is one of the first and none of the second.
    private static object Part(string part)
    {
        if (part.Length == 0 || !CodePoints.All(part, PythonCharacters.IsDigit)) return part;
        return PythonNumber.TryParseWhole(part, 10, out var place) ? place : throw TemplateErrors.Value($"invalid literal for int() with base 10: {PythonText.Repr(part)}");
    }
}
