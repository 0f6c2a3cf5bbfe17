using System.Numerics;
using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>The names of Python's types, for messages.</summary>
internal static class TypeNames
{
    public static string Of(object value) => value switch
    {
        None => "NoneType",
        bool => "bool",
        BigInteger => "int",
        double => "float",
        string => "str",
        Markup => "Markup",
        ListValue => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        ViewValue view => view.Name,
        IteratorValue => "generator",
        Callable => "builtin_function_or_method",
        MacroValue => "Macro",
        LoopValue => "LoopContext",
        Undefined => "Undefined",
        _ => "object",
    };
}
