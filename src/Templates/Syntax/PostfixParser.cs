using System.Globalization;
using System.Numerics;
using Grainflow.Templates.Functions;

namespace Grainflow.Templates.Syntax;

/// <summary>Reads what follows an expression: attributes, subscripts, calls, filters and tests.</summary>
internal sealed class PostfixParser(TokenStream tokens)
{
    // Chains are counted as depth because their trees are evaluated from the inside.
    private const int MaxChain = TemplateLimits.MaxDepth;

    public Expression Postfix(Expression expression, ExpressionParser expressions)
    {
        for (var length = 0; ; length++)
        {
            if (length > MaxChain) throw TemplateErrors.Limit($"{MaxChain} levels");
            if (tokens.Skip(".")) expression = Attribute(expression);
            else if (tokens.Skip("[")) expression = Subscript(expression, expressions);
            else if (tokens.Current.IsOperator("(")) expression = new Expression.Call(expression, Arguments(expressions));
            else return expression;
        }
    }

    public Expression Filters(Expression expression, ExpressionParser expressions)
    {
        for (var length = 0; ; length++)
        {
            if (length > MaxChain) throw TemplateErrors.Limit($"{MaxChain} levels");
            if (tokens.Skip("|")) expression = Filter(expression, expressions);
            else if (tokens.SkipName("is")) expression = Test(expression, expressions);
            else if (tokens.Current.IsOperator("(")) expression = new Expression.Call(expression, Arguments(expressions));
            else return expression;
        }
    }

    /// <summary>A filter after its bar, with further filters when it is a chain without target.</summary>
    public Expression.Filter Filter(Expression? target, ExpressionParser expressions)
    {
        var name = DottedName();
        if (tokens.Branches == 0 && FilterTable.Find(name) is null) throw tokens.Fail($"No filter named '{name}'.");
        var arguments = tokens.Current.IsOperator("(") ? Arguments(expressions) : ArgumentList.Empty;
        return new Expression.Filter(target, name, arguments);
    }

    public Expression.Filter FilterChain(ExpressionParser expressions)
    {
        var filter = Filter(null, expressions);
        for (var length = 0; tokens.Skip("|"); length++)
        {
            if (length > MaxChain) throw TemplateErrors.Limit($"{MaxChain} levels");
            filter = Filter(filter, expressions);
        }

        return filter;
    }

    public ArgumentList Arguments(ExpressionParser expressions)
    {
        tokens.Expect("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? spread = null;
        Expression? namedSpread = null;
        for (var first = true; !tokens.Current.IsOperator(")"); first = false)
        {
            if (!first)
            {
                tokens.Expect(",");
                if (tokens.Current.IsOperator(")")) break;
            }

            if (tokens.Skip("*"))
            {
                if (spread is not null || namedSpread is not null) throw tokens.Fail("invalid syntax for function call expression");
                spread = expressions.Parse();
            }
            else if (tokens.Skip("**"))
            {
                if (namedSpread is not null) throw tokens.Fail("invalid syntax for function call expression");
                namedSpread = expressions.Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
            {
                if (namedSpread is not null) throw tokens.Fail("invalid syntax for function call expression");
                var name = tokens.Take().Value;
                tokens.Take();
                named.Add((name, expressions.Parse()));
            }
            else
            {
                if (spread is not null || namedSpread is not null || named.Count > 0) throw tokens.Fail("invalid syntax for function call expression");
                positional.Add(expressions.Parse());
            }
        }

        tokens.Expect(")");
        return new ArgumentList(positional, named, spread, namedSpread);
    }

    private Expression Attribute(Expression target)
    {
        if (tokens.Current.Kind == TokenKind.Name) return new Expression.Attribute(target, tokens.Take().Value);
        var index = tokens.Expect(TokenKind.Integer, "name").Value;
        return new Expression.Index(target, new Expression.Literal(BigInteger.Parse(index, CultureInfo.InvariantCulture)));
    }

    private Expression Subscript(Expression target, ExpressionParser expressions)
    {
        var first = tokens.Current.IsOperator(":") ? null : expressions.Parse();
        if (first is null || tokens.Current.IsOperator(":")) return Slice(target, first, expressions);
        var items = new List<Expression> { first };
        while (tokens.Skip(",")) items.Add(expressions.Parse());
        tokens.Expect("]");
        return new Expression.Index(target, items.Count == 1 ? first : new Expression.TupleOf(items));
    }

    private Expression.Slice Slice(Expression target, Expression? start, ExpressionParser expressions)
    {
        tokens.Expect(":");
        var stop = tokens.Current.IsOperator("]") || tokens.Current.IsOperator(":") ? null : expressions.Parse();
        var step = tokens.Skip(":") && !tokens.Current.IsOperator("]") ? expressions.Parse() : null;
        tokens.Expect("]");
        return new Expression.Slice(target, start, stop, step);
    }

    private Expression Test(Expression target, ExpressionParser expressions)
    {
        var negated = tokens.SkipName("not");
        var name = DottedName();
        if (tokens.Branches == 0 && TestTable.Find(name) is null) throw tokens.Fail($"No test named '{name}'.");
        var arguments = ArgumentList.Empty;
        if (tokens.Current.IsOperator("(")) arguments = Arguments(expressions);
        else if (TakesBareArgument()) arguments = new ArgumentList([Postfix(expressions.Primary(), expressions)], [], null, null);
        Expression test = new Expression.Test(target, name, arguments);
        return negated ? new Expression.Not(test) : test;
    }

    private bool TakesBareArgument()
    {
        var token = tokens.Current;
        if (token.IsName("is")) throw tokens.Fail("You cannot chain multiple tests with is");
        return token.Kind switch
        {
            TokenKind.Name => token.Value is not ("else" or "or" or "and" or "if" or "not" or "in"),
            TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
            TokenKind.Operator => token.Value is "[" or "{",
            _ => false,
        };
    }

    private string DottedName()
    {
        var name = tokens.ExpectName();
        while (tokens.Skip(".")) name += "." + tokens.ExpectName();
        return name;
    }
}
