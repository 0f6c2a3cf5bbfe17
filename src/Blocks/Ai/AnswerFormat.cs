using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

/// <summary>The form in which a model is asked to answer, and the reader of such answers. Pure (contract: block-tiers, AI Structured Response Generator).</summary>
/// <param name="keys">The keys of each object with descriptions.</param>
/// <param name="isList">Whether a list of objects is wanted.</param>
/// <param name="isPureJson">Whether the whole answer is to be JSON; else the JSON is in a tag.</param>
/// <param name="tag">The id of the tag.</param>
internal sealed class AnswerFormat(IReadOnlyDictionary<string, string> keys, bool isList, bool isPureJson, string tag)
{
    private const string Results = "results";
    private const string Close = "</json_output>";

    private string Open => $"<json_output id=\"{tag}\">";

    /// <summary>What the model is told.</summary>
    public string Instructions()
    {
        var shape = Shape();
        return isPureJson
            ? $"Answer with one JSON object and nothing else. It must have this structure, where each text describes the value that belongs there:\n{shape}"
            : $"Put your answer into the tag {Open} as valid JSON and close it with {Close}. You may think before the tag. Use the tag once. "
                + $"The JSON must have this structure, where each text describes the value that belongs there:\n{Open}\n{shape}\n{Close}";
    }

    /// <summary>What the model is told after an answer that is not in the form.</summary>
    /// <param name="problem">What is wrong with it.</param>
    public string Complaint(string problem) => $"Your answer cannot be used: {problem}\nAnswer again, with all of it, in the form that was asked for:\n{Instructions()}";

    /// <summary>Reads an answer.</summary>
    /// <param name="answer">The text of the model.</param>
    /// <param name="value">The object or the list.</param>
    /// <param name="problem">What is wrong, for the model; empty when nothing is.</param>
    public bool TryRead(string answer, out JsonElement value, out string problem)
    {
        value = default;
        if (JsonOf(answer) is not { } json)
        {
            problem = isPureJson ? "it has no JSON object." : $"it does not have the tag {Open} and {Close} after it.";
            return false;
        }

        if (!JsonValues.TryParse(json, out value))
        {
            problem = "the JSON is not valid.";
            return false;
        }

        if (isPureJson && isList && value.ValueKind == JsonValueKind.Object)
        {
            if (value.Member(Results) is not { ValueKind: JsonValueKind.Array } results)
            {
                problem = $"the object has no list '{Results}'.";
                return false;
            }

            value = results;
        }

        problem = Problem(value) ?? "";
        return problem.Length == 0;
    }

    private string? Problem(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (ProblemOf(item) is { } problem) return $"in element {index}, {problem}";
                index++;
            }

            return null;
        }

        return isList ? "it is not a list." : ProblemOf(value);
    }

    private string? ProblemOf(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object) return "there is no JSON object.";
        var missing = keys.Keys.Where(key => !item.TryGetProperty(key, out _)).ToList();
        return missing.Count == 0 ? null : $"these keys are missing: {string.Join(", ", missing)}.";
    }

    private string? JsonOf(string answer)
    {
        if (!isPureJson)
        {
            var open = answer.IndexOf(Open, StringComparison.Ordinal);
            var close = answer.LastIndexOf(Close, StringComparison.Ordinal);
            return open >= 0 && close >= open + Open.Length ? answer[(open + Open.Length)..close].Trim() : null;
        }

        var whole = answer.Trim();
        if (JsonValues.TryParse(whole, out _)) return whole;
        var (first, last) = (whole.IndexOf('{', StringComparison.Ordinal), whole.LastIndexOf('}'));
        return first >= 0 && last > first ? whole[first..(last + 1)] : null;
    }

    private string Shape()
    {
        var item = JsonValues.Object(keys.Select(key => KeyValuePair.Create(key.Key, JsonValues.From(key.Value))));
        if (!isList) return PythonText.Json(item);
        var list = JsonValues.Array(item, JsonValues.From("... as many as there are"));
        return PythonText.Json(isPureJson ? JsonValues.Object(KeyValuePair.Create(Results, list)) : list);
    }
}
