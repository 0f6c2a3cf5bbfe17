using System.Globalization;
using System.Numerics;
using System.Text;
using Grainflow.Engine.Values;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Syntax;

/// <summary>Reads expressions, loosest operator first, in the precedence of Jinja 3.1.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private readonly PostfixParser _postfix = new(tokens);

    /// <summary>An expression, with inline <c>if</c> unless switched off.</summary>
    public Expression Parse(bool withConditional = true)
    {
        tokens.Enter();
        var expression = withConditional ? Conditional() : Or();
        tokens.Leave();
        return expression;
    }

    /// <summary>An expression or several with commas between, which make a tuple.</summary>
    public Expression ParseTuple(bool withConditional = true, string? endName = null, bool parenthesised = false)
    {
        var items = new List<Expression>();
        var isTuple = false;
        while (!EndsTuple(endName))
        {
            if (items.Count > 0 && !isTuple) isTuple = true;
            items.Add(Parse(withConditional));
            if (!tokens.Current.IsOperator(",")) break;
            isTuple = true;
            tokens.Take();
        }

        if (items.Count == 1 && !isTuple) return items[0];
        if (items.Count == 0 && !parenthesised) throw tokens.Fail($"Expected an expression, got '{tokens.Current}'");
        return new Expression.TupleOf(items);
    }

    private bool EndsTuple(string? endName) =>
        tokens.Current.Kind is TokenKind.OutputEnd or TokenKind.TagEnd
        || tokens.Current.IsOperator(")")
        || (endName is not null && tokens.Current.IsName(endName));

    private Expression Conditional()
    {
        var expression = Or();
        while (tokens.SkipName("if"))
        {
            tokens.Branches++;
            var test = Or();
            var otherwise = tokens.SkipName("else") ? Parse() : null;
            tokens.Branches--;
            expression = new Expression.Conditional(test, expression, otherwise);
        }

        return expression;
    }

    private Expression Or()
    {
        var left = And();
        while (tokens.SkipName("or")) left = new Expression.Or(left, And());
        return left;
    }

    private Expression And()
    {
        var left = Not();
        while (tokens.SkipName("and")) left = new Expression.And(left, Not());
        return left;
    }

    private Expression Not()
    {
        if (!tokens.SkipName("not")) return Comparison();
        tokens.Enter();
        var operand = new Expression.Not(Not());
        tokens.Leave();
        return operand;
    }

    private Expression Comparison()
    {
        var first = Sum();
        var rest = new List<(string, Expression)>();
        while (ComparisonOperator() is { } found) rest.Add((found, Sum()));
        return rest.Count == 0 ? first : new Expression.Comparison(first, rest);
    }

    private string? ComparisonOperator()
    {
        var token = tokens.Current;
        if (token.Kind == TokenKind.Operator && token.Value is "==" or "!=" or "<" or "<=" or ">" or ">=") return tokens.Take().Value;
        if (tokens.SkipName("in")) return "in";
        if (!token.IsName("not") || !tokens.Following.IsName("in")) return null;
        tokens.Take();
        tokens.Take();
        return "not in";
    }

    private Expression Sum()
    {
        var left = Concat();
        while (tokens.Current.Kind == TokenKind.Operator && tokens.Current.Value is "+" or "-")
        {
            var found = tokens.Take().Value;
            left = new Expression.Binary(found, left, Concat());
        }

        return left;
    }

    private Expression Concat()
    {
        var first = Product();
        if (!tokens.Current.IsOperator("~")) return first;
        var parts = new List<Expression> { first };
        while (tokens.Skip("~")) parts.Add(Product());
        return new Expression.Concat(parts);
    }

    private Expression Product()
    {
        var left = Power();
        while (tokens.Current.Kind == TokenKind.Operator && tokens.Current.Value is "*" or "/" or "//" or "%")
        {
            var found = tokens.Take().Value;
            left = new Expression.Binary(found, left, Power());
        }

        return left;
    }

    private Expression Power()
    {
        var left = Unary(withFilters: true);
        while (tokens.Skip("**")) left = new Expression.Binary("**", left, Unary(withFilters: true));
        return left;
    }

    private Expression Unary(bool withFilters)
    {
        tokens.Enter();
        Expression expression;
        if (tokens.Skip("-")) expression = new Expression.Unary("-", Unary(withFilters: false));
        else if (tokens.Skip("+")) expression = new Expression.Unary("+", Unary(withFilters: false));
        else expression = Primary();
        expression = _postfix.Postfix(expression, this);
        if (withFilters) expression = _postfix.Filters(expression, this);
        tokens.Leave();
        return expression;
    }

    public Expression Primary()
    {
        var token = tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => Name(token.Value),
            TokenKind.Text => Text(token.Value),
            TokenKind.Integer => new Expression.Literal(Whole(token)),
            TokenKind.Float => new Expression.Literal(Float(token)),
            TokenKind.Operator when token.Value == "(" => Parenthesised(),
            TokenKind.Operator when token.Value == "[" => List(),
            TokenKind.Operator when token.Value == "{" => Dict(),
            _ => throw TemplateErrors.Syntax($"unexpected '{token}'", token.Line),
        };
    }

    private Expression Name(string id)
    {
        switch (id)
        {
            case "true" or "True": return new Expression.Literal(true);
            case "false" or "False": return new Expression.Literal(false);
            case "none" or "None": return new Expression.Literal(None.Value);
        }

        tokens.NoteName(id);
        return new Expression.Name(id);
    }

    private Expression.Literal Text(string first)
    {
        // Neighbouring text literals are one.
        while (tokens.Current.Kind == TokenKind.Text) first += tokens.Take().Value;
        return new Expression.Literal(first);
    }

    private Expression Parenthesised()
    {
        var inner = ParseTuple(parenthesised: true);
        tokens.Expect(")");
        return inner;
    }

    private Expression.ListOf List()
    {
        var items = new List<Expression>();
        while (!tokens.Current.IsOperator("]"))
        {
            if (items.Count > 0) tokens.Expect(",");
            if (tokens.Current.IsOperator("]")) break;
            items.Add(Parse());
        }

        tokens.Expect("]");
        return new Expression.ListOf(items);
    }

    private Expression.DictOf Dict()
    {
        var items = new List<(Expression, Expression)>();
        while (!tokens.Current.IsOperator("}"))
        {
            if (items.Count > 0) tokens.Expect(",");
            if (tokens.Current.IsOperator("}")) break;
            var key = Parse();
            tokens.Expect(":");
            items.Add((key, Parse()));
        }

        tokens.Expect("}");
        return new Expression.DictOf(items);
    }

    private static BigInteger Whole(Token token) => PythonNumber.TryParseWhole(token.Value, 0, out var whole)
        ? whole
        : throw (token.Value.Length > PythonNumber.MaxDigits ? TemplateErrors.Limit($"{PythonNumber.MaxDigits} digits") : TemplateErrors.Syntax($"invalid number '{token.Value}'", token.Line));

    // Digits of other scripts make whole numbers only, as in Jinja.
    private static double Float(Token token) => Ascii.IsValid(token.Value)
        ? double.Parse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture)
        : throw TemplateErrors.Syntax($"invalid number '{token.Value}'", token.Line);
}
