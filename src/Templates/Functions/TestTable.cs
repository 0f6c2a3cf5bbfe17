using System.Collections.Frozen;
using System.Numerics;
using Grainflow.Engine.Values;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>The tests of <c>is</c> by name.</summary>
internal static class TestTable
{
    private static readonly FrozenDictionary<string, Function> _tests = All().ToFrozenDictionary(test => test.Name, test => test.Function, StringComparer.Ordinal);

    /// <summary>The test, or null when there is none of that name.</summary>
    public static Function? Find(string name) => _tests.GetValueOrDefault(name);

    private static IEnumerable<(string Name, Function Function)> All()
    {
        yield return Plain("defined", value => value is not Undefined);
        yield return Plain("undefined", value => value is Undefined);
        yield return Plain("none", value => value is None);
        yield return Plain("boolean", value => value is bool);
        yield return Plain("true", value => value is true);
        yield return Plain("false", value => value is false);
        yield return Plain("integer", value => value is BigInteger);
        yield return Plain("float", value => value is double);
        yield return Plain("number", value => value is BigInteger or double or bool);
        yield return Plain("string", value => value is string or Markup);
        yield return Plain("mapping", value => value is DictValue);
        yield return Plain("sequence", value => value is ListValue or TupleValue or DictValue or string or Markup or Undefined);
        yield return Plain("iterable", value => value is not (None or bool or BigInteger or double or Callable or MacroValue));
        yield return Plain("callable", value => value is Callable or MacroValue or LoopValue or Undefined);
        yield return Plain("escaped", value => value is Markup);
        yield return Plain("lower", value => PythonCase.IsLower(Printer.Text(value)));
        yield return Plain("upper", value => PythonCase.IsUpper(Printer.Text(value)));
        yield return Plain("filter", value => value is string name && FilterTable.Find(name) is not null);
        yield return Plain("test", value => value is string name && Find(name) is not null);
        yield return ("odd", new("", (state, value, _) => Remainder(state, value, new BigInteger(2), 1)));
        yield return ("even", new("", (state, value, _) => Remainder(state, value, new BigInteger(2), 0)));
        yield return ("divisibleby", new("num", (state, value, args) => Remainder(state, value, args.Given(0), 0)));
        yield return ("sameas", new("other", (_, value, args) => IsSame(value, args.Given(0))));
        foreach (var (name, operatorText) in Operators()) yield return (name, new("other", (state, value, args) => PythonComparison.Apply(state, operatorText, value, args.Given(0))));
    }

    private static IEnumerable<(string Name, string Operator)> Operators() =>
    [
        ("==", "=="), ("eq", "=="), ("equalto", "=="), ("!=", "!="), ("ne", "!="), (">", ">"), ("gt", ">"), ("greaterthan", ">"),
        (">=", ">="), ("ge", ">="), ("<", "<"), ("lt", "<"), ("lessthan", "<"), ("<=", "<="), ("le", "<="), ("in", "in"),
    ];

    private static (string, Function) Plain(string name, Func<object, bool> holds) => (name, new("", (_, value, _) => holds(value)));

    private static bool Remainder(RenderState state, object value, object by, int expected) =>
        PythonComparison.AreEqual(state, Arithmetic.Binary(state, "%", value, by), new BigInteger(expected));

    // Small numbers and equal texts are one object in Python; lists are the same only when they are.
    private static bool IsSame(object left, object right) => left switch
    {
        bool or BigInteger or double or string => left.Equals(right),
        _ => ReferenceEquals(left, right),
    };
}
