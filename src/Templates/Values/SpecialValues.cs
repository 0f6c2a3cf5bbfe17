using Grainflow.Templates.Functions;
using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>What a missing name or member gives. It prints nothing, is empty and false, and fails on any other use.</summary>
/// <param name="Hint">The message of that failure.</param>
internal sealed record Undefined(string Hint)
{
    public TemplateException Failure() => TemplateErrors.Undefined(Hint);

    public static Undefined Name(string name) => new($"'{name}' is undefined");

    public static Undefined Member(object owner, object member)
    {
        var kind = owner is None ? "None" : $"'{TypeNames.Of(owner)} object'";
        return member is string name
            ? new Undefined($"{kind} has no attribute '{name}'")
            : new Undefined($"{kind} has no element {Printer.Repr(member)}");
    }
}

/// <summary>Python's <c>None</c>; templates have no null.</summary>
internal sealed class None
{
    public static readonly None Value = new();

    private None()
    {
    }
}

/// <summary>Something a template can call: a method of a value, a macro, a recursive loop.</summary>
/// <param name="name">How it prints.</param>
/// <param name="body">What it does.</param>
internal sealed class Callable(string name, Func<RenderState, Arguments, object> body)
{
    public string Name => name;

    public object Call(RenderState state, Arguments arguments) => body(state, arguments);
}
