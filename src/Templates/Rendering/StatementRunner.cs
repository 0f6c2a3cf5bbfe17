using System.Text;
using Grainflow.Templates.Syntax;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Rendering;

/// <summary>Renders statements into text.</summary>
internal sealed class StatementRunner(RenderState state)
{
    private readonly Evaluator _evaluator = new(state);

    public object Evaluate(Expression expression, Scope scope) => _evaluator.Evaluate(expression, scope);

    /// <summary>Renders a body into a text of its own; under escaping it is markup.</summary>
    public object Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        var into = new StringBuilder();
        Run(body, scope, into);
        return state.AutoEscape ? new Markup(into.ToString()) : into.ToString();
    }

    public void Run(IReadOnlyList<Statement> body, Scope scope, StringBuilder into)
    {
        state.Enter();
        foreach (var statement in body) Run(statement, scope, into);
        state.Leave();
    }

    private void Run(Statement statement, Scope scope, StringBuilder into)
    {
        switch (statement)
        {
            case Statement.Data data: Write(data.Text, into); break;
            case Statement.Output output: Print(_evaluator.Evaluate(output.Value, scope), into); break;
            case Statement.For loop: For(loop, _evaluator.Evaluate(loop.Items, scope), 0, scope, into); break;
            case Statement.If branches: If(branches, scope, into); break;
            case Statement.Set set: Assign(set.Target, _evaluator.Evaluate(set.Value, scope), scope); break;
            case Statement.SetBlock set: SetBlock(set, scope); break;
            case Statement.DefineMacro define: scope.Set(define.Macro.Name!, new MacroValue(define.Macro, scope, this)); break;
            case Statement.CallBlock call: CallBlock(call, scope, into); break;
            case Statement.FilterBlock filter: Write(Printer.Text(_evaluator.FilterText(filter.Filter, Capture(filter.Body, new Scope(scope)), scope)), into); break;
            case Statement.With with: With(with, scope, into); break;
            case Statement.AutoEscape escape: Escape(escape, scope, into); break;
            case Statement.Block block: Run(block.Body, new Scope(scope), into); break;
        }
    }

    private void Print(object value, StringBuilder into) => Write(state.AutoEscape ? Markup.Escape(value).Text : Printer.Text(value), into);

    private void Write(string text, StringBuilder into)
    {
        RenderState.CheckText((long)into.Length + text.Length);
        state.Charge(text.Length + 1);
        into.Append(text);
    }

    private void If(Statement.If branches, Scope scope, StringBuilder into)
    {
        foreach (var (test, body) in branches.Branches)
        {
            if (!Truthiness.Of(_evaluator.Evaluate(test, scope))) continue;
            Run(body, scope, into);
            return;
        }

        Run(branches.Otherwise, scope, into);
    }

    private void For(Statement.For loop, object items, int depth, Scope scope, StringBuilder into)
    {
        var kept = Kept(loop, items, scope);
        var value = new LoopValue(kept, depth, loop.Recursive ? (inner, innerDepth) => Recurse(loop, inner, innerDepth, scope) : null);
        var rounds = 0;
        for (; rounds < kept.Count; rounds++)
        {
            state.NextRound();
            value.Position = rounds;
            var inner = new Scope(scope);
            inner.Set("loop", value);
            Assign(loop.Target, kept[rounds], inner);
            Run(loop.Body, inner, into);
        }

        if (rounds == 0) Run(loop.Otherwise, new Scope(scope), into);
    }

    private object Recurse(Statement.For loop, object items, int depth, Scope scope)
    {
        var into = new StringBuilder();
        For(loop, items, depth, scope, into);
        return state.AutoEscape ? new Markup(into.ToString()) : into.ToString();
    }

    private ListValue Kept(Statement.For loop, object items, Scope scope)
    {
        var all = Iteration.ToList(state, items);
        if (loop.Condition is null) return all;
        var kept = new ListValue();
        foreach (var item in all)
        {
            state.NextRound();
            var inner = new Scope(scope);
            Assign(loop.Target, item, inner);
            if (Truthiness.Of(_evaluator.Evaluate(loop.Condition, inner))) kept.Add(item);
        }

        return kept;
    }

    private void Assign(Target target, object value, Scope scope)
    {
        switch (target)
        {
            case Target.Name name:
                scope.Set(name.Id, value);
                break;
            case Target.Tuple tuple:
                var items = Iteration.ToList(state, value);
                if (items.Count > tuple.Items.Count) throw TemplateErrors.Value($"too many values to unpack (expected {tuple.Items.Count})");
                if (items.Count < tuple.Items.Count) throw TemplateErrors.Value($"not enough values to unpack (expected {tuple.Items.Count}, got {items.Count})");
                for (var i = 0; i < items.Count; i++) Assign(tuple.Items[i], items[i], scope);
                break;
            case Target.Attribute:
                throw TemplateErrors.Value("cannot assign attribute on non-namespace object");
        }
    }

    private void SetBlock(Statement.SetBlock set, Scope scope)
    {
        var text = Capture(set.Body, new Scope(scope));
        Assign(set.Target, set.Filter is null ? text : _evaluator.FilterText(set.Filter, text, scope), scope);
    }

    private void CallBlock(Statement.CallBlock block, Scope scope, StringBuilder into)
    {
        var arguments = _evaluator.Arguments(block.Call.Arguments, scope);
        var caller = new MacroValue(block.Caller, scope, this);
        var called = _evaluator.Evaluate(block.Call.Target, scope);
        Print(_evaluator.Call(called, arguments with { Named = [.. arguments.Named, KeyValuePair.Create<string, object>("caller", caller)] }), into);
    }

    private void With(Statement.With with, Scope scope, StringBuilder into)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in with.Values) Assign(target, _evaluator.Evaluate(value, scope), inner);
        Run(with.Body, inner, into);
    }

    private void Escape(Statement.AutoEscape escape, Scope scope, StringBuilder into)
    {
        var before = state.AutoEscape;
        state.AutoEscape = Truthiness.Of(_evaluator.Evaluate(escape.Switch, scope));
        Run(escape.Body, new Scope(scope), into);
        state.AutoEscape = before;
    }
}
