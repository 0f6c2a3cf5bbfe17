using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.WebConsole.Agents;

/// <summary>How a value is entered.</summary>
public enum FieldKind
{
    /// <summary>A line of text.</summary>
    Text,

    /// <summary>Several lines.</summary>
    LongText,

    /// <summary>A number with decimals.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A calendar date.</summary>
    Date,

    /// <summary>A time of day.</summary>
    Time,

    /// <summary>Yes or no.</summary>
    Toggle,

    /// <summary>One of a few values.</summary>
    Choice,

    /// <summary>A file, which is sent as a data URI.</summary>
    File,

    /// <summary>Rows with a text for each column.</summary>
    Table,

    /// <summary>Any other value, as JSON.</summary>
    Json,
}

/// <summary>One input of an agent in the form that starts a run, read from the input schema (contract: semantics 1.3).</summary>
public sealed class RunField
{
    private RunField(string name, JsonElement schema, bool isRequired)
    {
        var value = NotNull(schema);
        Name = name;
        Title = schema.Member("title")?.GetString() is { Length: > 0 } title ? title : name;
        Description = schema.Member("description")?.GetString();
        IsRequired = isRequired;
        IsSecret = schema.Member("secret")?.ValueKind == JsonValueKind.True;
        IsAdvanced = schema.Member("advanced")?.ValueKind == JsonValueKind.True;
        Options = schema.Member("enum") is { ValueKind: JsonValueKind.Array } options ? [.. options.EnumerateArray()] : [];
        Kind = Options.Count > 0 ? FieldKind.Choice : KindOf(schema, value);
        if (schema.Member("default") is { } given) Fill(given);
    }

    /// <summary>The name of the input.</summary>
    public string Name { get; }

    /// <summary>What it is called in the form.</summary>
    public string Title { get; }

    /// <summary>What it is for; null where the agent does not say it.</summary>
    public string? Description { get; }

    /// <summary>How it is entered.</summary>
    public FieldKind Kind { get; }

    /// <summary>The values to choose from; empty for other kinds.</summary>
    public IReadOnlyList<JsonElement> Options { get; }

    /// <summary>True when no run starts without it.</summary>
    public bool IsRequired { get; }

    /// <summary>True when it must not be shown while it is entered.</summary>
    public bool IsSecret { get; }

    /// <summary>True when most users leave it as it is.</summary>
    public bool IsAdvanced { get; }

    /// <summary>What was entered, for all kinds but the toggle and the table.</summary>
    public string Text { get; set; } = "";

    /// <summary>What was entered in a toggle.</summary>
    public bool IsOn { get; set; }

    /// <summary>The rows of a table: a text for each column.</summary>
    public List<Dictionary<string, string>> Rows { get; } = [];

    /// <summary>The columns of a table.</summary>
    public IReadOnlyList<string> Columns { get; set; } = ["Column 1", "Column 2", "Column 3"];

    /// <summary>The fields of an input schema: those that have to be filled in first, then the others, then the advanced ones.</summary>
    /// <param name="schema">The input schema of an agent.</param>
    public static IReadOnlyList<RunField> Read(JsonElement schema)
    {
        var required = (schema.Member("required") ?? JsonValues.EmptyArray).EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. (schema.Member("properties") ?? JsonValues.EmptyObject).EnumerateObject()
                .Select(property => new RunField(property.Name, property.Value, required.Contains(property.Name)))
                .OrderBy(field => field.IsRequired ? 0 : field.IsAdvanced ? 2 : 1),
        ];
    }

    /// <summary>Takes over a value, for example of an earlier run.</summary>
    /// <param name="value">The value; null empties the field.</param>
    public void Fill(JsonElement value)
    {
        Rows.Clear();
        (Text, IsOn) = ("", false);
        switch (Kind)
        {
            case FieldKind.Toggle:
                IsOn = value.ValueKind == JsonValueKind.True;
                break;
            case FieldKind.Table when value.ValueKind == JsonValueKind.Array:
                Rows.AddRange(value.EnumerateArray().Where(row => row.ValueKind == JsonValueKind.Object)
                    .Select(row => row.EnumerateObject().ToDictionary(cell => cell.Name, cell => Plain(cell.Value), StringComparer.Ordinal)));
                break;
            case FieldKind.Json or FieldKind.Choice when !value.IsNull():
                Text = JsonValues.Compact(value);
                break;
            default:
                Text = Plain(value);
                break;
        }
    }

    /// <summary>Why what was entered cannot be sent; null when it can.</summary>
    public string? Problem()
    {
        if (Kind is FieldKind.Toggle or FieldKind.Table) return null;
        if (Text.Length == 0) return IsRequired ? $"{Title} is needed." : null;
        return Kind switch
        {
            FieldKind.Number when !double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) => $"{Title}: '{Text}' is not a number; write it as 1234.5.",
            FieldKind.Integer when !long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => $"{Title}: '{Text}' is not a whole number.",
            FieldKind.Date when !DateOnly.TryParseExact(Text, "yyyy-MM-dd", out _) => $"{Title}: write the date as 2026-01-31.",
            FieldKind.Time when !TimeOnly.TryParse(Text, CultureInfo.InvariantCulture, out _) => $"{Title}: write the time as 09:30.",
            FieldKind.Json when !JsonValues.TryParse(Text, out _) => $"{Title}: this is not JSON; write texts in double quotes.",
            _ => null,
        };
    }

    /// <summary>The value that is sent; null for a field that is left out, so that the agent's default counts.</summary>
    public JsonElement? Value() => Kind switch
    {
        FieldKind.Toggle => JsonValues.From(IsOn),
        FieldKind.Table => Rows.Count == 0 ? null : JsonValues.Array(Rows.Select(row => JsonValues.Object(Columns.Select(column => KeyValuePair.Create(column, JsonValues.From(row.GetValueOrDefault(column, ""))))))),
        _ when Text.Length == 0 => null,
        FieldKind.Number or FieldKind.Integer or FieldKind.Json or FieldKind.Choice => JsonValues.Parse(Text),
        _ => JsonValues.From(Text),
    };

    private static FieldKind KindOf(JsonElement schema, JsonElement value)
    {
        var format = (schema.Member("format") ?? value.Member("format"))?.GetString();
        return ((value.Member("type")?.ValueKind == JsonValueKind.String ? value.Member("type")?.GetString() : null), format) switch
        {
            ("string", "long-text") => FieldKind.LongText,
            ("string", "date") => FieldKind.Date,
            ("string", "time") => FieldKind.Time,
            ("string", "file") => FieldKind.File,
            ("string", _) => FieldKind.Text,
            ("number", _) => FieldKind.Number,
            ("integer", _) => FieldKind.Integer,
            ("boolean", _) => FieldKind.Toggle,
            ("array", "table") => FieldKind.Table,
            ("array" or "object", _) => FieldKind.Json,
            // An input of any type: most people enter a text.
            _ => FieldKind.Text,
        };
    }

    // {"anyOf": [schema, {"type": "null"}]} is a value that may be left out.
    private static JsonElement NotNull(JsonElement schema) => schema.Member("anyOf") is { ValueKind: JsonValueKind.Array } choices
        ? choices.EnumerateArray().FirstOrDefault(choice => choice.Member("type")?.ToString() != "null")
        : schema;

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        _ => JsonValues.Compact(value),
    };
}
