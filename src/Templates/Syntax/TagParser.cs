namespace Grainflow.Templates.Syntax;

/// <summary>Reads one tag with all it encloses, up to (not including) the end of its last tag.</summary>
internal sealed class TagParser(TokenStream tokens, ExpressionParser expressions, TemplateParser template)
{
    private readonly PostfixParser _postfix = new(tokens);
    private readonly TargetParser _targets = new(tokens);

    public Statement Read()
    {
        var name = tokens.Take().Value;
        return name switch
        {
            "for" => For(),
            "if" => If(),
            "set" => Set(),
            "macro" => new Statement.DefineMacro(Macro(tokens.ExpectName(), "endmacro")),
            "call" => Call(),
            "filter" => new Statement.FilterBlock(_postfix.FilterChain(expressions), template.Body("endfilter").Body),
            "with" => With(),
            "autoescape" => new Statement.AutoEscape(expressions.Parse(), template.Body("endautoescape").Body),
            "block" => Block(),
            "print" => Print(),
            "include" or "import" or "from" or "extends" => throw tokens.Fail($"'{name}' is not available: there are no other templates"),
            _ => throw tokens.Fail($"Encountered unknown tag '{name}'."),
        };
    }

    // {% print a, b %} prints one after the other; {{ a, b }} prints a tuple.
    private Statement.Block Print()
    {
        var values = new List<Statement>();
        while (tokens.Current.Kind != TokenKind.TagEnd)
        {
            if (values.Count > 0) tokens.Expect(",");
            values.Add(new Statement.Output(expressions.Parse()));
        }

        return new Statement.Block(values);
    }

    private Statement.For For()
    {
        var target = _targets.Read("in");
        if (!tokens.SkipName("in")) throw tokens.Unexpected("in");
        var items = expressions.ParseTuple(withConditional: false, endName: "recursive");
        var condition = tokens.SkipName("if") ? expressions.Parse() : null;
        var recursive = tokens.SkipName("recursive");
        var (body, end) = template.Body("endfor", "else");
        var otherwise = end == "else" ? template.Body("endfor").Body : [];
        return new Statement.For(target, items, condition, recursive, body, otherwise);
    }

    private Statement.If If()
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        tokens.Branches++;
        while (true)
        {
            var test = expressions.ParseTuple(withConditional: false);
            var (body, end) = template.Body("elif", "else", "endif");
            branches.Add((test, body));
            if (end == "elif") continue;
            var otherwise = end == "else" ? template.Body("endif").Body : [];
            tokens.Branches--;
            return new Statement.If(branches, otherwise);
        }
    }

    private Statement Set()
    {
        var target = _targets.Read(null);
        if (tokens.Skip("=")) return new Statement.Set(target, expressions.ParseTuple());
        var filter = tokens.Skip("|") ? _postfix.FilterChain(expressions) : null;
        return new Statement.SetBlock(target, filter, template.Body("endset").Body);
    }

    private Statement.CallBlock Call()
    {
        tokens.BeginMacro();
        var parameters = tokens.Current.IsOperator("(") ? Parameters() : [];
        var line = tokens.Current.Line;
        if (expressions.Parse() is not Expression.Call call) throw TemplateErrors.Syntax("expected call", line);
        return new Statement.CallBlock(Finish(null, parameters, "endcall"), call);
    }

    private Macro Macro(string name, string end)
    {
        tokens.BeginMacro();
        return Finish(name, Parameters(), end);
    }

    private Macro Finish(string? name, IReadOnlyList<(string, Expression?)> parameters, string end)
    {
        var body = template.Body(end).Body;
        var names = tokens.EndMacro();
        foreach (var used in names) tokens.NoteName(used);
        return new Macro(name, parameters, names.Contains("varargs"), names.Contains("kwargs"), names.Contains("caller"), body);
    }

    private List<(string, Expression?)> Parameters()
    {
        var parameters = new List<(string, Expression?)>();
        var hasDefaults = false;
        tokens.Expect("(");
        while (!tokens.Current.IsOperator(")"))
        {
            if (parameters.Count > 0) tokens.Expect(",");
            var name = tokens.ExpectName();
            var value = tokens.Skip("=") ? expressions.Parse() : null;
            if (value is null && hasDefaults) throw tokens.Fail("non-default argument follows default argument");
            hasDefaults |= value is not null;
            parameters.Add((name, value));
        }

        tokens.Expect(")");
        return parameters;
    }

    private Statement.With With()
    {
        var values = new List<(Target, Expression)>();
        while (tokens.Current.Kind != TokenKind.TagEnd)
        {
            if (values.Count > 0) tokens.Expect(",");
            var target = _targets.ReadOne();
            tokens.Expect("=");
            values.Add((target, expressions.Parse()));
        }

        return new Statement.With(values, template.Body("endwith").Body);
    }

    private Statement.Block Block()
    {
        var name = tokens.ExpectName();
        tokens.SkipName("scoped");
        tokens.SkipName("required");
        var body = template.Body("endblock").Body;
        tokens.SkipName(name);
        return new Statement.Block(body);
    }
}
