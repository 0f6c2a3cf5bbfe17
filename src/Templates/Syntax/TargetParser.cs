namespace Grainflow.Templates.Syntax;

/// <summary>Reads what a tag assigns to: a name, or names with commas between.</summary>
internal sealed class TargetParser(TokenStream tokens)
{
    public Target Read(string? endName)
    {
        var items = new List<Target> { ReadOne() };
        var isTuple = false;
        while (tokens.Skip(","))
        {
            isTuple = true;
            if (tokens.Current.Kind == TokenKind.TagEnd || tokens.Current.IsOperator("=") || (endName is not null && tokens.Current.IsName(endName))) break;
            items.Add(ReadOne());
        }

        return isTuple ? new Target.Tuple(items) : items[0];
    }

    public Target ReadOne()
    {
        if (tokens.Skip("("))
        {
            tokens.Enter();
            var items = new List<Target>();
            var isTuple = tokens.Current.IsOperator(")");
            while (!tokens.Current.IsOperator(")"))
            {
                items.Add(ReadOne());
                if (!tokens.Skip(",")) break;
                isTuple = true;
            }

            tokens.Expect(")");
            tokens.Leave();
            return isTuple ? new Target.Tuple(items) : items[0];
        }

        var name = tokens.ExpectName();
        if (name is "true" or "True" or "false" or "False" or "none" or "None") throw tokens.Fail("can't assign to 'const'");
        return tokens.Skip(".") ? new Target.Attribute(name, tokens.ExpectName()) : new Target.Name(name);
    }
}
