using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>Something a template can call: a method of a value, a macro, a recursive loop.</summary>
/// <param name="name">How it prints.</param>
/// <param name="body">What it does.</param>
internal sealed class Callable(string name, Func<RenderState, Arguments, object> body)
{
    public string Name => name;

    public object Call(RenderState state, Arguments arguments) => body(state, arguments);
}
