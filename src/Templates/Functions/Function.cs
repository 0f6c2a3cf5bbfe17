using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>What a filter, a test or a method does with its value and its arguments.</summary>
internal delegate object FunctionBody(RenderState state, object value, Bound arguments);

/// <summary>A filter, a test or a method with the names of its parameters.</summary>
internal sealed class Function
{
    private readonly string[] _parameters;
    private readonly int _required;
    private readonly bool _takesAny;
    private readonly FunctionBody _body;

    /// <summary>Reads the names of the parameters from a signature.</summary>
    /// <param name="signature">Names with blanks between; those that may be left out end in <c>?</c>. <c>*</c> alone takes anything, unbound.</param>
    /// <param name="body">What it does.</param>
    public Function(string signature, FunctionBody body)
    {
        _body = body;
        _takesAny = signature == "*";
        var names = _takesAny ? [] : signature.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _required = names.Count(name => !name.EndsWith('?'));
        _parameters = Array.ConvertAll(names, name => name.TrimEnd('?'));
    }

    public object Apply(RenderState state, string name, object value, Arguments arguments)
    {
        if (_takesAny) return _body(state, value, new Bound([], arguments));
        if (arguments.Positional.Count > _parameters.Length)
            throw TemplateErrors.Type($"{name}() takes at most {_parameters.Length} argument(s) ({arguments.Positional.Count} given)");
        var values = new object?[_parameters.Length];
        for (var i = 0; i < arguments.Positional.Count; i++) values[i] = arguments.Positional[i];
        foreach (var (key, given) in arguments.Named)
        {
            var at = Array.IndexOf(_parameters, key);
            if (at < 0) throw TemplateErrors.Type($"{name}() got an unexpected keyword argument '{key}'");
            if (values[at] is not null) throw TemplateErrors.Type($"{name}() got multiple values for argument '{key}'");
            values[at] = given;
        }

        for (var i = 0; i < _required; i++)
            if (values[i] is null) throw TemplateErrors.Type($"{name}() missing required argument: '{_parameters[i]}'");
        return _body(state, value, new Bound(values, arguments));
    }
}

/// <summary>The arguments of a function, by place in its signature.</summary>
/// <param name="values">The value of each parameter, null where none was given.</param>
/// <param name="raw">The arguments as they were passed.</param>
internal readonly struct Bound(object?[] values, Arguments raw)
{
    public Arguments Raw => raw;

    /// <summary>The value, or null when none or Python's None was given.</summary>
    public object? this[int place] => values[place] is None ? null : values[place];

    public object Given(int place) => values[place] ?? None.Value;

    public bool Truth(int place) => values[place] is { } value && Truthiness.Of(value);

    public int Index(int place, int otherwise) => values[place] is { } value ? Numbers.Index(value) : otherwise;

    public int? Index(int place) => this[place] is { } value ? Numbers.Index(value) : null;

    /// <summary>A text argument, or null when none or None was given.</summary>
    public string? Text(int place) => this[place] is { } value ? Texts.Require(value) : null;
}

/// <summary>The values a call passes.</summary>
/// <param name="Positional">By position.</param>
/// <param name="Named">By name, in order.</param>
internal sealed record Arguments(IReadOnlyList<object> Positional, IReadOnlyList<KeyValuePair<string, object>> Named)
{
    public static readonly Arguments Empty = new([], []);

    public object? FindNamed(string name)
    {
        foreach (var (key, value) in Named)
            if (key == name) return value;
        return null;
    }
}
