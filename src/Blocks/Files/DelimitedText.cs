using System.Text;

namespace Grainflow.Blocks.Files;

/// <summary>
/// Reads delimited text as Python's <c>csv.reader</c> does: quotes around fields, doubled quotes in them, and an escape character that works inside and outside of
/// quotes. Lines end with LF, CR LF or CR.
/// </summary>
/// <param name="Delimiter">Stands between two fields.</param>
/// <param name="Quote">Stands around a field; null for none.</param>
/// <param name="Escape">Takes the meaning from the character behind it; null for none.</param>
internal sealed record DelimitedText(char Delimiter, char? Quote, char? Escape)
{
    private enum Place
    {
        Record,
        Field,
        InField,
        InQuotes,
        AfterQuote,
    }

    /// <summary>The records one by one; a blank line is one without fields.</summary>
    public IEnumerable<List<string>> Read(string text)
    {
        var record = new List<string>();
        var field = new StringBuilder();
        var place = Place.Record;
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c == Escape && place != Place.AfterQuote)
            {
                // At the end of the text the escape stands for a line break, as in Python.
                field.Append(++at < text.Length ? text[at] : '\n');
                if (place != Place.InQuotes) place = Place.InField;
            }
            else if (place == Place.InQuotes)
            {
                if (c == Quote) place = Place.AfterQuote;
                else field.Append(c);
            }
            else if (place == Place.AfterQuote && c == Quote)
            {
                field.Append(c);
                place = Place.InQuotes;
            }
            else if (c == Delimiter)
            {
                record.Add(Taken(field));
                place = Place.Field;
            }
            else if (c is '\n' or '\r')
            {
                if (c == '\r' && at + 1 < text.Length && text[at + 1] == '\n') at++;
                if (place != Place.Record) record.Add(Taken(field));
                yield return record;
                record = [];
                place = Place.Record;
            }
            else if (c == Quote && place is Place.Record or Place.Field)
            {
                place = Place.InQuotes;
            }
            else
            {
                field.Append(c);
                place = Place.InField;
            }
        }

        if (place == Place.Record) yield break;
        record.Add(Taken(field));
        yield return record;
    }

    private static string Taken(StringBuilder field)
    {
        var text = field.ToString();
        field.Clear();
        return text;
    }
}
