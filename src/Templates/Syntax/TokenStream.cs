namespace Grainflow.Templates.Syntax;

/// <summary>The tokens of a template with a position, and what the parsers share.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    private readonly Stack<HashSet<string>> _macroNames = new();
    private int _position;
    private int _depth;

    public Token Current => tokens[_position];

    public Token Following => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    /// <summary>Above zero inside branches, where an unknown filter fails only when it is reached.</summary>
    public int Branches { get; set; }

    public Token Take()
    {
        var token = tokens[_position];
        if (token.Kind != TokenKind.End) _position++;
        return token;
    }

    public bool Skip(string operatorText)
    {
        if (!Current.IsOperator(operatorText)) return false;
        Take();
        return true;
    }

    public bool SkipName(string name)
    {
        if (!Current.IsName(name)) return false;
        Take();
        return true;
    }

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public void Expect(string operatorText)
    {
        if (!Skip(operatorText)) throw Unexpected(operatorText);
    }

    public string ExpectName() => Expect(TokenKind.Name, "name").Value;

    public TemplateException Unexpected(string expected) => Fail($"expected token '{expected}', got '{Current}'");

    public TemplateException Fail(string message) => TemplateErrors.Syntax(message, Current.Line);

    public void Enter()
    {
        if (++_depth > TemplateLimits.MaxDepth) throw TemplateErrors.Limit($"{TemplateLimits.MaxDepth} levels");
    }

    public void Leave() => _depth--;

    /// <summary>Starts to collect the names that a macro's body reads.</summary>
    public void BeginMacro() => _macroNames.Push(new HashSet<string>(StringComparer.Ordinal));

    public HashSet<string> EndMacro() => _macroNames.Pop();

    public void NoteName(string name)
    {
        if (_macroNames.TryPeek(out var names)) names.Add(name);
    }
}
