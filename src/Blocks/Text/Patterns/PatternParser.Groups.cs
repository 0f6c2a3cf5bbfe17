using System.Globalization;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text.Patterns;

/// <content>What begins with a parenthesis.</content>
internal sealed partial class PatternParser
{
    private const long GroupLimit = int.MaxValue / 2;
    private const PatternFlags CharacterFlags = PatternFlags.Ascii | PatternFlags.Unicode;

    // Null for what leaves no trace: a comment, and flags for the whole pattern.
    private PatternNode? ReadGroup(bool mayChangeFlags)
    {
        var start = _source.Position - 1;
        if (!_source.Take("?")) return ReadCapture(start, name: null);
        var extension = _source.Take() ?? throw _source.Error("unexpected end of pattern", _source.Position);
        switch (extension)
        {
            case "P":
                return ReadNamed(start);
            case ":":
                return new PatternNode.Group(null, ChangesFlags: false, ReadBody(start));
            case ">":
                return new PatternNode.Atomic(ReadBody(start));
            case "#":
                SkipComment(start);
                return null;
            case "=" or "!":
                return ReadLook(start, extension, behind: false);
            case "<":
                return ReadLookBehind(start);
            case "(":
                return ReadCondition(start);
            default:
                if (extension == "-" || Flag(extension) is not null) return ReadFlags(start, extension, mayChangeFlags);
                throw _source.Error($"unknown extension ?{extension}", _source.Position - PatternSource.Length(extension) - 1);
        }
    }

    private PatternSequence ReadBody(int start)
    {
        var body = ReadAlternatives();
        Close(start);
        return body;
    }

    private void Close(int start)
    {
        if (!_source.Take(")")) throw _source.Error("missing ), unterminated subpattern", start);
    }

    private PatternNode.Group ReadCapture(int start, string? name)
    {
        _groups.Add(null);
        var number = _groups.Count;
        if (name is not null && !_names.TryAdd(name, number))
            throw _source.Error($"redefinition of group name {PythonText.Repr(name)} as group {number}; was group {_names[name]}", StartOf(name));
        var body = ReadBody(start);
        _groups[number - 1] = body;
        return new PatternNode.Group(number, ChangesFlags: false, body);
    }

    // The place of a name that has just been read with the character that ends it.
    private int StartOf(string name) => _source.Position - new CodePointText(name).Length - 1;

    private PatternNode ReadNamed(int start)
    {
        if (_source.Take("<"))
        {
            var name = _source.TakeUntil(">", "group name");
            _source.CheckName(name);
            return ReadCapture(start, name);
        }

        if (_source.Take("="))
        {
            var name = _source.TakeUntil(")", "group name");
            return BackReference(GroupNamed(name), StartOf(name));
        }

        var unknown = _source.Take() ?? throw _source.Error("unexpected end of pattern", _source.Position);
        throw _source.Error($"unknown extension ?P{unknown}", _source.Position - PatternSource.Length(unknown) - 2);
    }

    private int GroupNamed(string name)
    {
        _source.CheckName(name);
        return _names.TryGetValue(name, out var number) ? number : throw _source.Error($"unknown group name {PythonText.Repr(name)}", StartOf(name));
    }

    private void SkipComment(int start)
    {
        while (_source.Take() != ")")
            if (_source.Next is null) throw _source.Error("missing ), unterminated comment", start);
    }

    private PatternNode ReadLookBehind(int start)
    {
        var extension = _source.Take() ?? throw _source.Error("unexpected end of pattern", _source.Position);
        if (extension is not ("=" or "!")) throw _source.Error($"unknown extension ?<{extension}", _source.Position - PatternSource.Length(extension) - 2);
        var outer = _groupsBeforeLookBehind;
        _groupsBeforeLookBehind ??= _groups.Count;
        return ReadLook(start, extension, behind: true, outer);
    }

    private PatternNode ReadLook(int start, string extension, bool behind, int? outer = null)
    {
        var body = ReadAlternatives();
        if (behind) _groupsBeforeLookBehind = outer;
        Close(start);
        return extension == "!" && body.Nodes.Count == 0 ? new PatternNode.Never() : new PatternNode.Look(behind, extension == "!", body);
    }

    private PatternNode.Condition ReadCondition(int start)
    {
        var name = _source.TakeUntil(")", "group name");
        var group = name.All(char.IsAsciiDigit) ? GroupNumbered(name) : GroupNamed(name);
        CheckInLookBehind(group);
        if (++_depth > MaxDepth) throw new PatternException($"more than {MaxDepth} levels of parentheses");
        var yes = ReadSequence();
        var no = _source.Take("|") ? ReadSequence() : null;
        _depth--;
        if (_source.Next == "|") throw _source.Error("conditional backref with more than two branches", _source.Position);
        Close(start);
        return new PatternNode.Condition(group, yes, no);
    }

    private int GroupNumbered(string digits)
    {
        var position = _source.Position - digits.Length - 1;
        var significant = digits.TrimStart('0');
        if (significant.Length == 0) throw _source.Error("bad group number", position);
        if (!int.TryParse(significant, NumberStyles.None, CultureInfo.InvariantCulture, out var group) || group >= GroupLimit)
            throw _source.Error($"invalid group reference {significant}", position);
        if (!_conditions.Exists(c => c.Group == group)) _conditions.Add((group, position));
        return group;
    }

    // (?flags) for the whole pattern, (?flags-flags:...) for a group.
    private PatternNode.Group? ReadFlags(int start, string token, bool mayChangeFlags)
    {
        var (added, removed) = (PatternFlags.None, PatternFlags.None);
        if (token != "-") (added, token) = ReadAddedFlags(token);
        if (token == ")")
        {
            _flags |= added;
            return mayChangeFlags ? null : throw _source.Error("global flags not at the start of the expression", start);
        }

        if (token == "-") removed = ReadRemovedFlags();
        if ((added & removed) != PatternFlags.None) throw _source.Error("bad inline flags: flag turned on and off", _source.Position - 1);
        var outer = _flags;
        if ((added & CharacterFlags) != PatternFlags.None) _flags &= ~CharacterFlags;
        _flags = (_flags | added) & ~removed;
        var body = ReadAlternatives();
        _flags = outer;
        Close(start);
        return new PatternNode.Group(null, ChangesFlags: (added | removed) != PatternFlags.None, body);
    }

    private (PatternFlags Added, string End) ReadAddedFlags(string token)
    {
        var added = PatternFlags.None;
        while (true)
        {
            if (token == "L") throw _source.Error("bad inline flags: cannot use 'L' flag with a str pattern", _source.Position);
            added |= Flag(token)!.Value;
            if (added.HasFlag(CharacterFlags)) throw _source.Error("bad inline flags: flags 'a', 'u' and 'L' are incompatible", _source.Position);
            token = TakeFlag("missing -, : or )");
            if (token is ")" or "-" or ":") return (added, token);
            if (Flag(token) is null) throw UnknownFlag(token, "missing -, : or )");
        }
    }

    private PatternFlags ReadRemovedFlags()
    {
        var removed = PatternFlags.None;
        var token = TakeFlag("missing flag");
        if (Flag(token) is null) throw UnknownFlag(token, "missing flag");
        while (true)
        {
            if (token is "a" or "u" or "L") throw _source.Error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", _source.Position);
            removed |= Flag(token)!.Value;
            token = TakeFlag("missing :");
            if (token == ":") return removed;
            if (Flag(token) is null) throw UnknownFlag(token, "missing :");
        }
    }

    private string TakeFlag(string missing) => _source.Take() ?? throw _source.Error(missing, _source.Position);

    private PatternException UnknownFlag(string token, string missing) =>
        _source.Error(token[0] != '\\' && PythonCharacters.IsAlpha(PatternSource.Character(token)) ? "unknown flag" : missing, _source.Position - PatternSource.Length(token));

    private static PatternFlags? Flag(string token) => token switch
    {
        "i" => PatternFlags.IgnoreCase,
        "m" => PatternFlags.Multiline,
        "s" => PatternFlags.DotAll,
        "x" => PatternFlags.Verbose,
        "a" => PatternFlags.Ascii,
        "u" => PatternFlags.Unicode,

        // Read so that its own message can refuse it.
        "L" => PatternFlags.None,
        _ => null,
    };
}
