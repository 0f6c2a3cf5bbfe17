using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Tools;

/// <summary>A tool call whose tool and arguments were checked.</summary>
/// <param name="Call">The call as the model asked for it.</param>
/// <param name="Function">The tool.</param>
/// <param name="Values">The values by pin, for every argument of the tool; JSON null for those that the model left out.</param>
internal sealed record CheckedCall(ChatToolCall Call, ToolFunction Function, ImmutableArray<KeyValuePair<ToolArgument, JsonElement>> Values)
{
    /// <summary>The values that the model gave, by pin.</summary>
    public IReadOnlyDictionary<string, JsonElement> Given
    {
        get
        {
            var given = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var (argument, value) in Values)
                if (!value.IsNull()) given[argument.Pin] = value;
            return given;
        }
    }
}

/// <summary>Checks the tool calls of a model, which are data of somebody else. Pure.</summary>
internal static class ToolCalls
{
    /// <summary>A model that asks for more calls at once has lost its way.</summary>
    private const int MostCalls = 128;

    /// <summary>Checks calls against the tools.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="functions">The tools, one or more.</param>
    /// <param name="problem">What is wrong, for the model; null when nothing is.</param>
    public static ImmutableArray<CheckedCall> Check(ImmutableArray<ChatToolCall> calls, ImmutableArray<ToolFunction> functions, out string? problem)
    {
        var accepted = ImmutableArray.CreateBuilder<CheckedCall>(calls.Length);
        problem = calls.Length > MostCalls ? $"There are {calls.Length} tool calls; at most {MostCalls} are taken at once." : null;
        foreach (var call in calls)
        {
            if (problem is not null) break;
            // A model that has one tool means that one, whatever it calls it.
            if ((functions.FirstOrDefault(function => function.Tool.Name == call.Name) ?? (functions.Length == 1 ? functions[0] : null)) is not { } function)
                problem = $"There is no tool '{call.Name}'. The tools are: {string.Join(", ", functions.Select(known => known.Tool.Name))}.";
            else if (Read(call, function, out problem) is { } read)
                accepted.Add(read);
        }

        return problem is null ? accepted.ToImmutable() : [];
    }

    private static CheckedCall? Read(ChatToolCall call, ToolFunction function, out string? problem)
    {
        var text = call.Arguments.Trim();
        if (!JsonValues.TryParse(text.Length == 0 ? "{}" : text, out var given) || given.ValueKind != JsonValueKind.Object)
        {
            problem = $"The arguments of the call of '{call.Name}' are not a JSON object.";
            return null;
        }

        var unknown = given.EnumerateObject().Select(member => member.Name).Where(name => function.Arguments.All(argument => argument.Name != name)).ToList();
        var missing = function.Arguments.Where(argument => argument.Required && given.Member(argument.Name) is null).Select(argument => argument.Name).ToList();
        var misfits = function.Arguments.Select(argument => Misfit(argument, given.Member(argument.Name))).OfType<string>().ToList();
        List<string> problems = [];
        if (unknown.Count > 0) problems.Add($"it has no argument {string.Join(", ", unknown)}");
        if (missing.Count > 0) problems.Add($"it needs the argument {string.Join(", ", missing)}");
        problems.AddRange(misfits);
        problem = problems.Count == 0 ? null : $"The call of the tool '{call.Name}' is wrong: {string.Join("; ", problems)}. Its arguments are: {string.Join(", ", function.Arguments.Select(argument => argument.Name))}.";
        return problems.Count > 0 ? null : new CheckedCall(call, function, [.. function.Arguments.Select(argument => KeyValuePair.Create(argument, given.Member(argument.Name) ?? JsonValues.Null))]);
    }

    // Values are converted as those of links are, so that "3" is a number where one is wanted.
    private static string? Misfit(ToolArgument argument, JsonElement? value)
    {
        if (value is not { } given || given.IsNull()) return null;
        if (JsonValues.DepthProblem(given, argument.Name) is { } deep) return deep;
        if (!Coercion.TryConvert(given, argument.Type, out var converted, out var reason)) return $"'{argument.Name}': {reason}";
        return SchemaCheck.Find(converted, argument.Type, argument.Name);
    }
}
