namespace Grainflow.Engine.Values;

/// <summary>Reads the text form of pin types.</summary>
public static class PinTypes
{
    /// <summary>
    /// Reads the notation of <c>blocks.tsv</c>: <c>string?</c>, <c>string:short-text</c>, <c>array&lt;integer&gt;</c>, <c>map&lt;string&gt;</c>,
    /// <c>string|integer</c>, <c>(string|array&lt;string&gt;)?</c>, <c>enum(a|b)</c>, <c>object{id,name?}</c>, <c>credentials(openai)</c>.
    /// </summary>
    /// <param name="text">The type.</param>
    /// <exception cref="FormatException">The text is not a type.</exception>
    public static PinType Parse(string text)
    {
        var reader = new Reader(text);
        var type = reader.ReadUnion();
        reader.ExpectEnd();
        return type;
    }

    private sealed class Reader(string text)
    {
        private int _position;

        public PinType ReadUnion()
        {
            var first = ReadNullable();
            if (!Take('|')) return first;
            var members = new List<PinType> { first };
            do members.Add(ReadNullable());
            while (Take('|'));
            return PinType.Union([.. members]);
        }

        public void ExpectEnd()
        {
            if (_position < text.Length) throw Fail("end");
        }

        private PinType ReadNullable()
        {
            var type = ReadSingle();
            return Take('?') ? PinType.Nullable(type) : type;
        }

        private PinType ReadSingle()
        {
            if (Take('('))
            {
                var inner = ReadUnion();
                Expect(')');
                return inner;
            }

            var name = ReadName();
            return name switch
            {
                "any" => PinType.Any,
                "string" => Take(':') ? new PinType.StringType(ReadName()) : PinType.String,
                "integer" => PinType.Integer,
                "number" => PinType.Number,
                "boolean" => PinType.Boolean,
                "array" => PinType.ArrayOf(ReadArgument()),
                "map" => PinType.MapOf(ReadArgument()),
                "object" => ReadObject(),
                "enum" => ReadEnum(),
                "credentials" => ReadCredentials(),
                _ => throw Fail("a type"),
            };
        }

        private PinType ReadArgument()
        {
            if (!Take('<')) return PinType.Any;
            var argument = ReadUnion();
            Expect('>');
            return argument;
        }

        private PinType ReadObject()
        {
            // "object[16 fields]" is the notation of an object whose members are too many to list.
            if (Take('['))
            {
                ReadTo(']');
                return new PinType.ModelType([]);
            }

            if (!Take('{')) return PinType.Object;
            var members = ReadTo('}').Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(m => new PinType.ModelMember(m.TrimEnd('?'), PinType.Any, !m.EndsWith('?')));
            return new PinType.ModelType([.. members]);
        }

        private PinType ReadEnum()
        {
            if (Take('['))
            {
                ReadTo(']');
                return PinType.Any;
            }

            Expect('(');
            return new PinType.EnumType(ReadTo(')').Split('|'));
        }

        private PinType ReadCredentials()
        {
            Expect('(');
            var providers = ReadTo(')').Split('|');
            return Credentials(providers);
        }

        private string ReadName()
        {
            var start = _position;
            while (_position < text.Length && (char.IsAsciiLetterLower(text[_position]) || text[_position] == '-')) _position++;
            return start == _position ? throw Fail("a name") : text[start.._position];
        }

        private string ReadTo(char close)
        {
            var end = text.IndexOf(close, _position);
            if (end < 0) throw Fail(close.ToString());
            var inner = text[_position..end];
            _position = end + 1;
            return inner;
        }

        private bool Take(char c)
        {
            if (_position >= text.Length || text[_position] != c) return false;
            _position++;
            return true;
        }

        private void Expect(char c)
        {
            if (!Take(c)) throw Fail(c.ToString());
        }

        private FormatException Fail(string wanted) => new($"Pin type '{text}': expected {wanted} at position {_position}.");
    }

    /// <summary>What a credentials pin holds on the wire: a reference to a credential, never the secret (contract: semantics 4.1).</summary>
    /// <param name="providers">The providers accepted.</param>
    /// <param name="types">The credential types accepted; none for any.</param>
    public static PinType Credentials(IReadOnlyList<string> providers, params IReadOnlyList<string> types) => new PinType.ModelType(
    [
        new("id", PinType.String, Required: true),
        new("title", PinType.Nullable(PinType.String), Required: false),
        new("provider", new PinType.EnumType(providers), Required: true),
        new("type", types.Count == 0 ? PinType.String : new PinType.EnumType(types), Required: true),
    ]);
}
