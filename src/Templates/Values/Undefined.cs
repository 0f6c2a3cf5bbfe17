namespace Grainflow.Templates.Values;

/// <summary>What a missing name or member gives. It prints nothing, is empty and false, and fails on any other use.</summary>
/// <param name="Hint">The message of that failure.</param>
internal sealed record Undefined(string Hint)
{
    public TemplateException Failure() => Failures.Undefined(Hint);

    public static Undefined Name(string name) => new($"'{name}' is undefined");

    public static Undefined Member(object owner, object member)
    {
        var kind = owner is None ? "None" : $"'{TypeNames.Of(owner)} object'";
        return member is string name
            ? new Undefined($"{kind} has no attribute '{name}'")
            : new Undefined($"{kind} has no element {Printer.Repr(member)}");
    }
}
