using System.Diagnostics;
using System.Text;
using Grainflow.Templates.Functions;
using Grainflow.Templates.Syntax;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Rendering;

/// <summary>Computes the values of expressions within the limits of one rendering.</summary>
internal sealed class Evaluator(RenderState state)
{
    public object Evaluate(Expression expression, Scope scope)
    {
        state.Enter();
        state.Charge(TemplateLimits.ExpressionCost);
        var value = expression switch
        {
            Expression.Literal literal => literal.Value,
            Expression.Name name => scope.Find(name.Id),
            Expression.ListOf list => new ListValue(list.Items.Select(item => Evaluate(item, scope))),
            Expression.TupleOf tuple => new TupleValue(tuple.Items.Select(item => Evaluate(item, scope)).ToList()),
            Expression.DictOf dict => Dict(dict, scope),
            Expression.Unary unary => Arithmetic.Unary(unary.Operator, Evaluate(unary.Operand, scope)),
            Expression.Binary binary => Arithmetic.Binary(state, binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope)),
            Expression.Comparison comparison => Compare(comparison, scope),
            Expression.Concat concat => Concat(concat, scope),
            Expression.And and => Evaluate(and.Left, scope) is var left && Truthiness.Of(left) ? Evaluate(and.Right, scope) : left,
            Expression.Or or => Evaluate(or.Left, scope) is var left && Truthiness.Of(left) ? left : Evaluate(or.Right, scope),
            Expression.Not not => !Truthiness.Of(Evaluate(not.Operand, scope)),
            Expression.Conditional conditional => Choose(conditional, scope),
            Expression.Attribute attribute => Members.Attribute(Evaluate(attribute.Target, scope), attribute.Id),
            Expression.Index index => Members.Item(Evaluate(index.Target, scope), Evaluate(index.Argument, scope)),
            Expression.Slice slice => Slice(slice, scope),
            Expression.Call call => Call(Evaluate(call.Target, scope), Arguments(call.Arguments, scope)),
            Expression.Filter filter => Filter(filter, Evaluate(filter.Target!, scope), scope),
            Expression.Test test => Test(test, scope),
            _ => throw new UnreachableException(),
        };
        state.Leave();
        return value;
    }

    /// <summary>Applies a chain of filters to the text of a block.</summary>
    public object FilterText(Expression.Filter filter, object text, Scope scope) =>
        Filter(filter, filter.Target is Expression.Filter inner ? FilterText(inner, text, scope) : text, scope);

    public object Call(object target, Arguments arguments) => target switch
    {
        Callable callable => Charged(callable.Call(state, arguments)),
        MacroValue macro => macro.Call(state, arguments),
        LoopValue loop when arguments.Positional.Count == 1 => loop.Recurse(arguments.Positional[0]),
        Undefined undefined => throw undefined.Failure(),
        _ => throw TemplateErrors.Type($"'{TypeNames.Of(target)}' object is not callable"),
    };

    public Arguments Arguments(ArgumentList list, Scope scope)
    {
        if (ReferenceEquals(list, ArgumentList.Empty)) return Functions.Arguments.Empty;
        var positional = list.Positional.Select(item => Evaluate(item, scope)).ToList();
        if (list.Spread is not null) positional.AddRange(Iteration.ToList(state, Evaluate(list.Spread, scope)));
        var named = list.Named.Select(pair => KeyValuePair.Create(pair.Name, Evaluate(pair.Value, scope))).ToList();
        if (list.NamedSpread is null) return new Arguments(positional, named);
        if (Evaluate(list.NamedSpread, scope) is not DictValue more) throw TemplateErrors.Type("argument after ** must be a mapping");
        foreach (var (key, value) in more) named.Add(KeyValuePair.Create(Printer.Text(key), value));
        return new Arguments(positional, named);
    }

    private object Filter(Expression.Filter filter, object value, Scope scope)
    {
        var function = FilterTable.Find(filter.Id) ?? throw TemplateErrors.Value($"No filter named '{filter.Id}'.");
        state.Charge(Iteration.Size(value));
        return Charged(function.Apply(state, filter.Id, value, Arguments(filter.Arguments, scope)));
    }

    private object Test(Expression.Test test, Scope scope)
    {
        var function = TestTable.Find(test.Id) ?? throw TemplateErrors.Value($"No test named '{test.Id}'.");
        return function.Apply(state, test.Id, Evaluate(test.Target, scope), Arguments(test.Arguments, scope));
    }

    private object Charged(object value)
    {
        var size = Iteration.Size(value);
        if (value is string or Markup) RenderState.CheckText(size);
        state.Charge(size);
        return value;
    }

    private DictValue Dict(Expression.DictOf dict, Scope scope)
    {
        var value = new DictValue(state);
        foreach (var (key, item) in dict.Items) value[Evaluate(key, scope)] = Evaluate(item, scope);
        return value;
    }

    private bool Compare(Expression.Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (operatorText, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            if (!PythonComparison.Apply(state, operatorText, left, right)) return false;
            left = right;
        }

        return true;
    }

    // As soon as one part is markup, the others are escaped and the whole is markup.
    private object Concat(Expression.Concat concat, Scope scope)
    {
        var parts = concat.Parts.Select(part => Evaluate(part, scope)).ToList();
        var markup = state.AutoEscape && parts.Exists(part => part is Markup);
        var builder = new StringBuilder();
        foreach (var part in parts)
        {
            builder.Append(markup ? Markup.Escape(part).Text : Printer.Text(part));
            RenderState.CheckText(builder.Length);
        }

        state.Charge(builder.Length);
        return markup ? new Markup(builder.ToString()) : builder.ToString();
    }

    private object Choose(Expression.Conditional conditional, Scope scope)
    {
        if (Truthiness.Of(Evaluate(conditional.Condition, scope))) return Evaluate(conditional.Then, scope);
        return conditional.Else is null
            ? new Undefined("the inline if-expression evaluated to false and no else section was defined.")
            : Evaluate(conditional.Else, scope);
    }

    private object Slice(Expression.Slice slice, Scope scope)
    {
        var target = Evaluate(slice.Target, scope);
        state.Charge(Iteration.Size(target));
        return Subscript.Slice(target, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step));

        object Bound(Expression? bound) => bound is null ? None.Value : Evaluate(bound, scope);
    }
}
