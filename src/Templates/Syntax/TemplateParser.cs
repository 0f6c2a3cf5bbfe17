namespace Grainflow.Templates.Syntax;

/// <summary>Reads a whole template: data, outputs and tags.</summary>
internal sealed class TemplateParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly TagParser _tags;

    private TemplateParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
        _tags = new TagParser(tokens, _expressions, this);
    }

    public static IReadOnlyList<Statement> Parse(string template)
    {
        var tokens = new TokenStream(TemplateLexer.Read(template));
        var parser = new TemplateParser(tokens);
        var body = parser.Until();
        if (tokens.Current.Kind != TokenKind.End) throw tokens.Fail($"Encountered unknown tag '{tokens.Current}'.");
        return body;
    }

    /// <summary>Reads a body and the name of the tag that ends it; the current token is then behind that name.</summary>
    public (IReadOnlyList<Statement> Body, string End) Body(params string[] ends)
    {
        _tokens.Skip(":");
        _tokens.Expect(TokenKind.TagEnd, "end of statement block");
        var body = Until(ends);
        if (_tokens.Current.Kind == TokenKind.End)
            throw _tokens.Fail($"Unexpected end of template. Jinja was looking for the following tags: '{string.Join("' or '", ends)}'.");
        return (body, _tokens.Take().Value);
    }

    /// <summary>Closes the current tag.</summary>
    public void EndTag() => _tokens.Expect(TokenKind.TagEnd, "end of statement block");

    private List<Statement> Until(params string[] ends)
    {
        _tokens.Enter();
        var statements = new List<Statement>();
        while (_tokens.Current.Kind != TokenKind.End)
        {
            switch (_tokens.Current.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new Statement.Data(_tokens.Take().Value));
                    continue;
                case TokenKind.OutputBegin:
                    _tokens.Take();
                    statements.Add(new Statement.Output(_expressions.ParseTuple()));
                    _tokens.Expect(TokenKind.OutputEnd, "end of print statement");
                    continue;
            }

            _tokens.Expect(TokenKind.TagBegin, "begin of statement block");
            if (_tokens.Current.Kind != TokenKind.Name) throw _tokens.Fail("tag name expected");
            if (Array.IndexOf(ends, _tokens.Current.Value) >= 0) break;
            statements.Add(_tags.Read());
            EndTag();
        }

        _tokens.Leave();
        return statements;
    }
}
