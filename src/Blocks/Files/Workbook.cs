using System.Globalization;
using System.IO.Compression;
using System.Text;
using ExcelDataReader;
using ExcelDataReader.Exceptions;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Files;

/// <summary>
/// Reads the first sheet of an Excel file as texts, which are those of pandas: whole numbers in a column with gaps or fractions are floats (<c>1.0</c>), dates of a
/// column without times have none (contract: block-tiers, Read Spreadsheet). Texts stay as they are, where pandas would read <c>007</c> as a number and drop <c>NA</c>.
/// </summary>
internal static class Workbook
{
    private const int MaxCells = 5_000_000;

    /// <summary>Whether a file is an Excel file: a ZIP archive or an OLE file by its first bytes, or an older one by its name.</summary>
    public static bool IsWorkbook(RunFile file) =>
        file.Content.Span.StartsWith("PK\x03\x04"u8) || file.Content.Span.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0])
        || Path.GetExtension(file.Name).ToUpperInvariant() is ".XLS" or ".XLSX";

    /// <summary>The rows of the first sheet; the first one holds the names of the columns.</summary>
    /// <exception cref="BlockException">The file is no Excel file, is damaged, needs a password, or is too large.</exception>
    public static List<List<string>> Read(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // XLS files name code pages that .NET knows only with this provider. Registering it again has no effect.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            using var stream = new MemoryStream(content.ToArray());
            if (content.Span.StartsWith("PK"u8)) CheckExpansion(stream);
            using var reader = ExcelReaderFactory.CreateReader(stream, new ExcelReaderConfiguration { LeaveOpen = true });
            return Texts(Cells(reader, cancellationToken));
        }
        catch (Exception e) when (e is ExcelReaderException or InvalidDataException or System.Xml.XmlException or FormatException or ArgumentException or NullReferenceException or IndexOutOfRangeException or InvalidOperationException or OverflowException)
        {
            throw new BlockException($"Failed to read Excel file: {e.Message}", e);
        }
    }

    // Before the reader opens the parts, which expand to what their author wanted and not to what the archive says.
    private static void CheckExpansion(MemoryStream stream)
    {
        var limit = new ExpansionLimit("Excel");
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true))
            foreach (var entry in archive.Entries) limit.Count(entry.Open);
        stream.Position = 0;
    }

    private static List<object?[]> Cells(IExcelDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new List<object?[]>();
        var budget = new OutputBudget();
        var cells = 0L;
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            cells += reader.FieldCount;
            if (cells > MaxCells) throw new BlockException($"The sheet has more than {MaxCells} cells, which is the limit");
            var row = new object?[reader.FieldCount];
            for (var column = 0; column < row.Length; column++)
            {
                row[column] = reader.GetValue(column);
                // One text that many cells share would be written for each of them.
                if (row[column] is string text) budget.Take(text.Length);
            }

            rows.Add(row);
        }

        // pandas drops empty rows at the end.
        while (rows.Count > 0 && Array.TrueForAll(rows[^1], cell => cell is null)) rows.RemoveAt(rows.Count - 1);
        return rows;
    }

    private static List<List<string>> Texts(List<object?[]> rows)
    {
        if (rows.Count == 0) return [];
        var columns = rows.Max(row => row.Length);
        var body = rows.Skip(1).ToList();
        var writers = Enumerable.Range(0, columns).Select(column => Writer(body.Select(row => column < row.Length ? row[column] : null))).ToList();
        return [Names(rows[0], columns), .. body.Select(row => Enumerable.Range(0, columns).Select(column => writers[column](column < row.Length ? row[column] : null)).ToList())];
    }

    // A column without a name is "Unnamed: 2", and a name that stands there already gets a number: "name.1".
    private static List<string> Names(object?[] header, int columns)
    {
        var names = new List<string>(columns);
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var column = 0; column < columns; column++)
        {
            var name = column < header.Length && header[column] is { } cell ? Text(cell) : string.Create(CultureInfo.InvariantCulture, $"Unnamed: {column}");
            var unique = name;
            for (var number = 1; !used.Add(unique); number++) unique = string.Create(CultureInfo.InvariantCulture, $"{name}.{number}");
            names.Add(unique);
        }

        return names;
    }

    // How the cells of a column are written depends on all of them.
    private static Func<object?, string> Writer(IEnumerable<object?> column)
    {
        var cells = column.ToList();
        var given = cells.Where(cell => cell is not null).ToList();
        if (given.Count > 0 && given.TrueForAll(cell => cell is double or int))
        {
            var isWhole = given.Count == cells.Count && given.TrueForAll(cell => cell is int || double.IsInteger((double)cell!));
            return cell => cell is null ? "" : isWhole ? Text(cell) : PythonText.Float(Convert.ToDouble(cell, CultureInfo.InvariantCulture));
        }

        if (given.Count > 0 && given.TrueForAll(cell => cell is DateTime { TimeOfDay.Ticks: 0 })) return cell => cell is null ? "" : ((DateTime)cell).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return cell => cell is null ? "" : Text(cell);
    }

    private static string Text(object cell) => cell switch
    {
        string text => text,
        bool truth => truth ? "True" : "False",
        DateTime { Microsecond: 0, Millisecond: 0 } time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        double number when double.IsInteger(number) && Math.Abs(number) < 1e15 => ((long)number).ToString(CultureInfo.InvariantCulture),
        double number => PythonText.Float(number),
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
    };
}
