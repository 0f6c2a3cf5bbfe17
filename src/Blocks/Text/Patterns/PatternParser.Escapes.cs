using System.Globalization;

namespace Grainflow.Blocks.Text.Patterns;

/// <content>What begins with a backslash.</content>
internal sealed partial class PatternParser
{
    private const int GreatestOctal = 0xFF;
    private const int GreatestCodePoint = 0x10FFFF;

    private PatternNode ReadEscape(string token)
    {
        if (Place(token[1]) is { } place) return new PatternNode.Place(place);
        if (Kind(token[1]) is { } kind) return new PatternNode.One([kind], Negated: false, _flags);
        if (token[1] is >= '1' and <= '9') return ReadNumberEscape(token);
        return Literal(ReadCharacterEscape(token));
    }

    private SetItem ReadSetItem(string token)
    {
        if (token.Length == 1 || token[0] != '\\') return new SetItem.Literal(PatternSource.Character(token));
        return (SetItem?)Kind(token[1]) ?? new SetItem.Literal(token[1] == 'b' ? '\b' : ReadCharacterEscape(token));
    }

    private PlaceKind? Place(char letter)
    {
        var ascii = _flags.HasFlag(PatternFlags.Ascii);
        return letter switch
        {
            'A' => PlaceKind.TextStart,
            'Z' => PlaceKind.TextEnd,
            'b' => ascii ? PlaceKind.AsciiWordBoundary : PlaceKind.WordBoundary,
            'B' => ascii ? PlaceKind.NoAsciiWordBoundary : PlaceKind.NoWordBoundary,
            _ => null,
        };
    }

    private static SetItem.OfKind? Kind(char letter) => letter switch
    {
        'd' or 'D' => new SetItem.OfKind(CharacterKind.Digit, letter == 'D'),
        's' or 'S' => new SetItem.OfKind(CharacterKind.Space, letter == 'S'),
        'w' or 'W' => new SetItem.OfKind(CharacterKind.Word, letter == 'W'),
        _ => null,
    };

    private int ReadCharacterEscape(string token) => token[1] switch
    {
        'a' => '\a',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        'x' => ReadHex(token, 2),
        'u' => ReadHex(token, 4),
        'U' => ReadHex(token, 8),
        'N' => throw NamedCharacter(),
        >= '0' and <= '7' => ReadOctal(token),
        '8' or '9' or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') => throw BadEscape(token),
        _ => PatternSource.Character(token),
    };

    private int ReadHex(string token, int length)
    {
        var digits = _source.TakeWhile(length, char.IsAsciiHexDigit);
        var escape = token + digits;
        if (digits.Length < length) throw _source.Error($"incomplete escape {escape}", _source.Position - escape.Length);
        var code = uint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return code <= GreatestCodePoint ? (int)code : throw BadEscape(escape);
    }

    private int ReadOctal(string token) => Octal(token + _source.TakeWhile(2, IsOctalDigit));

    private int Octal(string escape)
    {
        var code = Convert.ToInt32(escape[1..], 8);
        return code <= GreatestOctal ? code : throw _source.Error($"octal escape value {escape} outside of range 0-0o377", _source.Position - escape.Length);
    }

    // Three octal digits are a character; all else is the number of a group.
    private PatternNode ReadNumberEscape(string token)
    {
        var escape = token + _source.TakeWhile(1, char.IsAsciiDigit);
        if (escape.Length == 3 && IsOctalDigit(escape[1]) && IsOctalDigit(escape[2]) && _source.TakeWhile(1, IsOctalDigit) is { Length: 1 } third) return Literal(Octal(escape + third));
        var group = int.Parse(escape.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
        if (group > _groups.Count) throw _source.Error($"invalid group reference {group}", _source.Position - escape.Length + 1);
        return BackReference(group, _source.Position - escape.Length);
    }

    private PatternNode.BackReference BackReference(int group, int position)
    {
        var body = _groups[group - 1] ?? throw _source.Error("cannot refer to an open group", position);
        CheckInLookBehind(group);
        return new PatternNode.BackReference(group, body, _flags);
    }

    // Its width would not be known where the look-behind begins.
    private void CheckInLookBehind(int group)
    {
        if (_groupsBeforeLookBehind is not { } before) return;
        if (group > _groups.Count || _groups[group - 1] is null) throw _source.Error("cannot refer to an open group", _source.Position);
        if (group > before) throw _source.Error("cannot refer to group defined in the same lookbehind subpattern", _source.Position);
    }

    private PatternException NamedCharacter()
    {
        var start = _source.Position - 2;
        if (!_source.Take("{")) return _source.Error("missing {", _source.Position);
        var name = _source.TakeUntil("}", "character name");
        return _source.Error($"character names such as \\N{{{name}}} are not known; write the character or its code, for example \\u2014", start);
    }

    private PatternException BadEscape(string escape) => _source.Error($"bad escape {escape}", _source.Position - escape.Length);

    private static bool IsOctalDigit(char c) => c is >= '0' and <= '7';
}
