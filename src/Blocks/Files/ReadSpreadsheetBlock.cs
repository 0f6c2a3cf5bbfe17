using System.Globalization;
using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Files;

[Block("acf7625e-d2cb-4941-bfeb-2819fc6fc015", "Parses CSV or Excel into row objects.", "DATA", "TEXT", EmitsSeveral = true, Effect = BlockEffect.Read)]
internal sealed class ReadSpreadsheetBlock : Block<ReadSpreadsheetBlock.Input, ReadSpreadsheetBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var records = await RecordsAsync(input, context, cancellationToken);
        var budget = new OutputBudget();
        var rows = new List<OrderedDictionary<string, string>>();
        foreach (var row in Rows(records, input))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (input.ProduceSingularResult)
            {
                yield return EmitObject(nameof(Output.Row), row);
                continue;
            }

            // Names and values in quotes, with colons and commas.
            foreach (var (name, value) in row) budget.Take(name.Length + value.Length + 6L);
            budget.Take(3);
            rows.Add(row);
        }

        if (!input.ProduceSingularResult) yield return EmitObject(nameof(Output.Rows), rows);
    }

    private static async Task<IEnumerable<List<string>>> RecordsAsync(Input input, BlockContext context, CancellationToken cancellationToken)
    {
        var format = new DelimitedText(
            Character(input.Delimiter, "delimiter") ?? throw new BlockException("'delimiter' must be one character"), Character(input.Quotechar, "quotechar"), Character(input.Escapechar, "escapechar"));
        if (input.FileInput is { Length: > 0 } source)
        {
            var file = await RunFile.StoreAsync(source, context, cancellationToken);
            return Workbook.IsWorkbook(file) ? Workbook.Read(file.Content, cancellationToken) : format.Read(FileText.Decode(file.Content.Span));
        }

        return input.Contents is { Length: > 0 } contents ? format.Read(contents) : throw new BlockException("Either 'contents' or 'file_input' must be provided");
    }

    private static char? Character(string text, string pin) => text.Length switch
    {
        0 => null,
        1 => text[0],
        _ => throw new BlockException($"'{pin}' must be one character"),
    };

    private static IEnumerable<OrderedDictionary<string, string>> Rows(IEnumerable<List<string>> records, Input input)
    {
        using var record = records.GetEnumerator();
        IReadOnlyList<string> names = [];
        if (input.HasHeader) names = record.MoveNext() ? record.Current.ConvertAll(name => Shown(name, input)) : throw new InvalidDataException("The sheet has no header row");
        for (var skipped = 0L; skipped < input.SkipRows; skipped++)
            if (!record.MoveNext()) throw new InvalidDataException($"'skip_rows' is {input.SkipRows}, and the sheet has only {skipped} rows");
        for (var number = input.SkipRows + 1; record.MoveNext(); number++) yield return Row(record.Current, names, number, input);
    }

    private static OrderedDictionary<string, string> Row(List<string> fields, IReadOnlyList<string> names, long number, Input input)
    {
        var row = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        for (var column = 0; column < fields.Count; column++)
        {
            var index = column.ToString(CultureInfo.InvariantCulture);
            if (names.Count > 0 && column >= names.Count) throw new InvalidDataException($"Row {number} has {fields.Count} fields, and the header has {names.Count}");
            var name = names.Count > 0 ? names[column] : index;
            // Columns are skipped by name or by number (contract: block-tiers, quirk 7).
            if (!input.SkipColumns.Contains(name, StringComparer.Ordinal) && !input.SkipColumns.Contains(index, StringComparer.Ordinal)) row[name] = Shown(fields[column], input);
        }

        return row;
    }

    private static string Shown(string text, Input input) => input.Strip ? PythonText.Strip(text) : text;

    internal sealed record Input
    {
        [Pin(Advanced = false)]
        public string? Contents { get; init; }

        [Pin(Type = "string:file?", Advanced = false)]
        public string? FileInput { get; init; }

        public string Delimiter { get; init; } = ",";

        public string Quotechar { get; init; } = "\"";

        public string Escapechar { get; init; } = "\\";

        public bool HasHeader { get; init; } = true;

        public long SkipRows { get; init; }

        public bool Strip { get; init; } = true;

        public IReadOnlyList<string> SkipColumns { get; init; } = [];

        public bool ProduceSingularResult { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required IReadOnlyDictionary<string, string> Row { get; init; }

        public required IReadOnlyList<IReadOnlyDictionary<string, string>> Rows { get; init; }
    }
}
