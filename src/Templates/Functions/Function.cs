using Grainflow.Templates.Rendering;

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

    /// <summary>Makes a function.</summary>
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
            throw Failures.Type($"{name}() takes at most {_parameters.Length} argument(s) ({arguments.Positional.Count} given)");
        var values = new object?[_parameters.Length];
        for (var i = 0; i < arguments.Positional.Count; i++) values[i] = arguments.Positional[i];
        foreach (var (key, given) in arguments.Named)
        {
            var at = Array.IndexOf(_parameters, key);
            if (at < 0) throw Failures.Type($"{name}() got an unexpected keyword argument '{key}'");
            if (values[at] is not null) throw Failures.Type($"{name}() got multiple values for argument '{key}'");
            values[at] = given;
        }

        for (var i = 0; i < _required; i++)
            if (values[i] is null) throw Failures.Type($"{name}() missing required argument: '{_parameters[i]}'");
        return _body(state, value, new Bound(values, arguments));
    }
}
