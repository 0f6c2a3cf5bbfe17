using System.Globalization;

namespace Grainflow.Engine.Scheduling;

/// <summary>Reads one entry of the list of a field: <c>*</c>, a value, a range, one of them with a step, or <c>last</c>.</summary>
internal readonly ref struct ItemReader(CronField field, string item, CronDialect dialect, FieldForm form)
{
    private readonly CronField _field = field;
    private readonly string _item = item;
    private readonly CronDialect _dialect = dialect;
    private readonly FieldForm _form = form;

    public FieldValues Read()
    {
        if (_field == CronField.DayOfMonth && _item.Equals("last", StringComparison.OrdinalIgnoreCase))
        {
            if (_dialect == CronDialect.Standard) throw Wrong("the dialect standard has no 'last'; choose the dialect autogpt or apscheduler for the last day of a month.");
            return new FieldValues(0, 0, true);
        }

        RefuseOtherProducts();
        var slash = _item.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? _item : _item[..slash];
        var step = slash < 0 ? (int?)null : Step(_item[(slash + 1)..]);
        if (range == "*")
        {
            RefuseLongStep(step, _form.Min, _form.Max);
            return new FieldValues(Values(_form.Min, _form.Max, step ?? 1), 0, false);
        }

        var (first, last) = Range(range, step);
        var values = Values(first, last, step ?? 1);
        return step is null ? new FieldValues(0, values, false) : new FieldValues(values, 0, false);
    }

    private (int First, int Last) Range(string range, int? step)
    {
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
        {
            var (only, named) = Value(range);
            if (step is null) return (only, only);
            if (_dialect == CronDialect.Standard)
            {
                var cure = only < _form.Max ? $"write {range}-{(named ? _form.Names[^1] : $"{_form.Max}")}/{step}" : "leave it out";
                throw Wrong($"'{_item}': in the dialect standard a step follows * or a range; {cure}.");
            }

            if (named) throw StepOverNames();
            if (only > _form.Max) only = _form.Min;
            RefuseLongStep(step, only, _form.Max);
            return (only, _form.Max);
        }

        var (first, firstNamed) = Value(range[..dash]);
        var (last, lastNamed) = Value(range[(dash + 1)..]);
        if (_dialect != CronDialect.Standard)
        {
            if (firstNamed != lastNamed) throw Wrong($"'{_item}' mixes a name and a number; write two names or two numbers.");
            if (firstNamed && step is not null) throw StepOverNames();
        }

        if (first > last)
        {
            if (_field != CronField.DayOfWeek || _dialect != CronDialect.Autogpt) throw Backwards(range);
            last += 7;
        }

        RefuseLongStep(step, first, last);
        return (first, last);
    }

    /// <summary>A range whose end lies before its beginning. The cure is the two ranges round the end of the field, which the author may have meant.</summary>
    private CronException Backwards(string range)
    {
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var (from, to) = (range[..dash], range[(dash + 1)..]);
        if (_field == CronField.DayOfWeek && from == "7") return Wrong($"'{_item}' ends before it begins; a range that begins with Sunday is written {(to == "0" ? "0" : $"0-{to}")}.");
        var (low, high) = _form.Names.Length > 0 && !char.IsAsciiDigit(from[0]) ? (_form.Names[0], _form.Names[^1]) : ($"{_form.Min}", $"{_form.Max}");
        var head = string.Equals(from, high, StringComparison.OrdinalIgnoreCase) ? high : $"{from}-{high}";
        var tail = string.Equals(to, low, StringComparison.OrdinalIgnoreCase) ? low : $"{low}-{to}";
        return Wrong($"'{_item}' ends before it begins; for a range over the end write {head},{tail}.");
    }

    private CronException StepOverNames() => Wrong($"'{_item}': the dialect {_dialect.WireName()} has no steps over names; list the names, or write the range in numbers.");

    private void RefuseLongStep(int? step, int first, int last)
    {
        if (step is null || step <= last - first) return;
        var cure = last > first ? $"the longest step here is {last - first}" : "a range of one value has no step";
        throw Wrong($"'{_item}': the step is longer than the values from {first} to {last}; {cure}.");
    }

    private int Step(string text)
    {
        if (text.Contains('/', StringComparison.Ordinal)) throw Wrong($"'{_item}' has more than one '/'; write one step.");
        if (!IsNumber(text)) throw Wrong($"'{_item}': the step after '/' must be a number from 1 on.");
        var step = Number(text);
        return step > 0 ? step : throw Wrong($"'{_item}': the step must be 1 or more.");
    }

    /// <summary>Reads a number or a name.</summary>
    private (int Value, bool Named) Value(string text)
    {
        if (IsNumber(text))
        {
            var number = Number(text);
            if (number >= _form.Min && number <= _form.Highest) return (number, false);
            throw Wrong($"{text.TrimStart('0').PadLeft(1, '0')} is not one of the numbers from {_form.Min} to {_form.Highest}{Hint(number)}.");
        }

        for (var i = 0; i < _form.Names.Length; i++)
        {
            if (_form.Names[i].Equals(text, StringComparison.OrdinalIgnoreCase)) return (_form.Min + i, true);
            if (text.Length > 3 && FullName(i).StartsWith(text, StringComparison.OrdinalIgnoreCase)) throw Wrong($"'{text}' is too long; write {_form.Names[i]}.");
        }

        if (text.Length == 0) throw Wrong($"'{_item}' lacks a value beside '-' or '/'; write a number from {_form.Min} to {_form.Highest}.");
        if (text.Contains('-', StringComparison.Ordinal)) throw Wrong($"'{_item}' has more than one '-'; write a range as FIRST-LAST.");
        if (text.Contains('*', StringComparison.Ordinal)) throw Wrong($"'{_item}': * stands alone or before a step, as in */2.");
        if (_field == CronField.DayOfMonth && text.Equals("last", StringComparison.OrdinalIgnoreCase)) throw Wrong($"'{_item}': 'last' stands alone, without a range or a step.");
        var names = _form.Names.Length == 0 ? "" : $" or one of the names {string.Join(", ", _form.Names)}";
        throw Wrong($"'{text}' is not a number from {_form.Min} to {_form.Highest}{names}.");
    }

    private string Hint(int number)
    {
        if (_field == CronField.DayOfWeek && number == 7) return "; in the dialect apscheduler Sunday is 6, and its name sun is the same in all dialects";
        return _field == CronField.Hour && number == 24 ? "; midnight is 0" : "";
    }

    private string FullName(int index) => _field == CronField.Month
        ? CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(index + 1)
        : CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)((_dialect == CronDialect.Apscheduler ? index + 1 : index) % 7));

    /// <summary>Refuses the signs of Quartz and of other products by name, because their users need to know what to write instead.</summary>
    private void RefuseOtherProducts()
    {
        if (_item.Contains('?', StringComparison.Ordinal)) throw Wrong($"'{_item}': '?' is not of cron but of Quartz; write *.");
        if (_item.Contains('#', StringComparison.Ordinal))
        {
            var cure = _dialect == CronDialect.Standard
                ? "the dialects autogpt and apscheduler can say it as the days 1-7 of the month together with a weekday"
                : "the first Monday of a month is the days 1-7 together with the weekday mon";
            throw Wrong($"'{_item}': the n-th weekday of a month ('#') is not accepted; {cure}.");
        }

        if (_field is not (CronField.DayOfMonth or CronField.DayOfWeek)) return;
        var last = _dialect == CronDialect.Standard ? "the dialects autogpt and apscheduler have 'last' in the day of month" : "write 'last' in the day of month for its last day";
        if (_item.Equals("LW", StringComparison.OrdinalIgnoreCase) || EndsNumberWith('W')) throw Wrong($"'{_item}': the nearest workday ('W') is not accepted; name the days.");
        if (_item.Equals("L", StringComparison.OrdinalIgnoreCase) || EndsNumberWith('L') || _item.StartsWith("L-", StringComparison.OrdinalIgnoreCase))
            throw Wrong($"'{_item}': the last day in the way of Quartz ('L') is not accepted; {last}.");
    }

    private bool EndsNumberWith(char letter) => _item.Length > 0 && char.ToUpperInvariant(_item[^1]) == letter && (_item.Length == 1 || IsNumber(_item[..^1]));

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    /// <summary>The number, or one beyond all fields when it is longer than an integer.</summary>
    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static ulong Values(int first, int last, int step)
    {
        var values = 0UL;
        for (var value = first; value <= last; value += step) values |= 1UL << value;
        return values;
    }

    private CronException Wrong(string reason) => new(_field, reason);
}
