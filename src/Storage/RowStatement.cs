using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage;

/// <summary>
/// A statement whose parameters are sets of rows and single values, written once with names: <c>@events</c> stands where a table may stand,
/// <c>@window</c> where a value may stand. Building it gives every name its positional parameters, so no text counts parameters.
/// </summary>
/// <typeparam name="TInput">What the values are taken from.</typeparam>
internal sealed partial class RowStatement<TInput>
{
    private readonly List<(string Name, string Text, Action<TInput, List<object?>> Add)> _parts = [];
    private int _parameters;
    private string? _sql;

    /// <summary>The text with positional parameters. The same string each time, which is what identifies a statement in the metrics.</summary>
    public string Sql => _sql ?? throw new InvalidOperationException("The statement has no text yet.");

    /// <summary>Declares a set of rows.</summary>
    /// <param name="name">Its name in the text, without the at sign; also the name of the table that stands there.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">Takes the rows from the input.</param>
    public RowStatement<TInput> Rows<TRow>(string name, RowColumns<TRow> columns, Func<TInput, IReadOnlyList<TRow>> rows)
    {
        var numbers = string.Join(", ", Enumerable.Range(_parameters + 1, columns.Count).Select(number => $"${number}"));
        var table = columns.IsNumbered
            ? $"unnest({numbers}) WITH ORDINALITY AS {name} ({columns.Names}, place)"
            : $"unnest({numbers}) AS {name} ({columns.Names})";
        _parts.Add((name, table, (input, parameters) => columns.AddParameters(rows(input), parameters)));
        _parameters += columns.Count;
        return this;
    }

    /// <summary>Declares a single value.</summary>
    /// <param name="name">Its name in the text, without the at sign.</param>
    /// <param name="value">Takes it from the input; never null, because its type is found by its value.</param>
    public RowStatement<TInput> Value(string name, Func<TInput, object> value)
    {
        _parts.Add((name, $"${++_parameters}", (input, parameters) => parameters.Add(value(input))));
        return this;
    }

    /// <summary>Gives the statement its text.</summary>
    /// <param name="sql">The text; it names every declared part at least once, and no other.</param>
    /// <exception cref="ArgumentException">A name has no part, or a part is not named.</exception>
    public RowStatement<TInput> Text(string sql)
    {
        var unused = _parts.Select(part => part.Name).ToHashSet(StringComparer.Ordinal);
        _sql = NamePattern().Replace(sql, match =>
        {
            var name = match.Groups["name"].Value;
            unused.Remove(name);
            return _parts.Find(part => part.Name == name).Text ?? throw new ArgumentException($"The statement names @{name}, which is not declared.", nameof(sql));
        });
        return unused.Count == 0 ? this : throw new ArgumentException($"The statement does not name @{unused.First()}.", nameof(sql));
    }

    /// <summary>The values of all parameters, in their order.</summary>
    public object?[] Parameters(TInput input)
    {
        var parameters = new List<object?>(_parameters);
        foreach (var part in _parts) part.Add(input, parameters);
        return [.. parameters];
    }

    [GeneratedRegex("@(?<name>[a-z_]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}

/// <summary>The columns of a set of rows, each with its type and where its values come from. A column becomes one array parameter for <c>unnest</c>.</summary>
/// <typeparam name="TRow">A row.</typeparam>
internal sealed class RowColumns<TRow>
{
    private readonly List<(string Name, Func<IReadOnlyList<TRow>, NpgsqlParameter> Parameter)> _columns = [];

    public int Count => _columns.Count;

    /// <summary>The names in their order, with commas between.</summary>
    public string Names => string.Join(", ", _columns.Select(column => column.Name));

    /// <summary>True when the rows have another column, <c>place</c>: their number, from 1.</summary>
    public bool IsNumbered { get; private init; }

    /// <summary>The same columns and <c>place</c>.</summary>
    public RowColumns<TRow> Numbered()
    {
        var numbered = new RowColumns<TRow> { IsNumbered = true };
        numbered._columns.AddRange(_columns);
        return numbered;
    }

    public RowColumns<TRow> Uuid(string name, Func<TRow, Guid> value) => Add(name, NpgsqlDbType.Uuid, value);

    public RowColumns<TRow> Uuid(string name, Func<TRow, Guid?> value) => Add(name, NpgsqlDbType.Uuid, value);

    public RowColumns<TRow> Text(string name, Func<TRow, string?> value) => Add(name, NpgsqlDbType.Text, value);

    public RowColumns<TRow> Bool(string name, Func<TRow, bool> value) => Add(name, NpgsqlDbType.Boolean, value);

    public RowColumns<TRow> Int(string name, Func<TRow, int> value) => Add(name, NpgsqlDbType.Integer, value);

    public RowColumns<TRow> Bigint(string name, Func<TRow, long> value) => Add(name, NpgsqlDbType.Bigint, value);

    public RowColumns<TRow> Bigint(string name, Func<TRow, long?> value) => Add(name, NpgsqlDbType.Bigint, value);

    public RowColumns<TRow> Interval(string name, Func<TRow, TimeSpan> value) => Add(name, NpgsqlDbType.Interval, value);

    /// <summary>A time. PostgreSQL keeps UTC only, and Npgsql refuses other offsets.</summary>
    public RowColumns<TRow> Time(string name, Func<TRow, DateTimeOffset?> value) => Add(name, NpgsqlDbType.TimestampTz, row => value(row)?.ToUniversalTime());

    /// <summary>JSON in UTF-8. Empty text is no JSON and becomes null, as in <see cref="Sql.Json"/>.</summary>
    public RowColumns<TRow> Json(string name, Func<TRow, ReadOnlyMemory<byte>?> value) =>
        Add(name, NpgsqlDbType.Json, row => value(row) is { Length: > 0 } json ? json.ToArray() : null);

    public void AddParameters(IReadOnlyList<TRow> rows, List<object?> parameters)
    {
        foreach (var (_, parameter) in _columns) parameters.Add(parameter(rows));
    }

    private RowColumns<TRow> Add<TValue>(string name, NpgsqlDbType type, Func<TRow, TValue> value)
    {
        _columns.Add((name, rows => Array(type, rows, value)));
        return this;
    }

    private static NpgsqlParameter<TValue[]> Array<TValue>(NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = value(rows[i]);
        return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = type | NpgsqlDbType.Array };
    }
}
