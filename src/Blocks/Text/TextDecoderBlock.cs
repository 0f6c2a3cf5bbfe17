using System.Globalization;
using System.Text;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Text;

[Block("2570e8fe-8447-43ed-84c7-70d657923231", "Turns backslash escapes into characters.", "TEXT")]
internal sealed class TextDecoderBlock : PureBlock<TextDecoderBlock.Input, TextDecoderBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.DecodedText), Decode(input.Text))];

    // The escapes of Python's unicode_escape, and nothing else: the reference garbles text that is not ASCII (contract: block-tiers, quirk 11). An escape by the
    // name of a character (\N{...}) stays as it is.
    private static string Decode(string text)
    {
        var decoded = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '\\')
            {
                decoded.Append(text[at++]);
                continue;
            }

            if (at + 1 == text.Length) throw new BlockException(@"Error decoding text: the text ends with a single backslash; write \\ for a backslash");
            at = AppendEscape(decoded, text, at + 1);
        }

        return decoded.ToString();
    }

    // Returns the position behind the escape whose letter stands at the given one.
    private static int AppendEscape(StringBuilder decoded, string text, int at)
    {
        var letter = text[at];
        if (Simple(letter) is { } character)
        {
            decoded.Append(character);
            return at + 1;
        }

        switch (letter)
        {
            case '\n':
                return at + 1;
            case 'x':
                return AppendHex(decoded, text, at, digits: 2);
            case 'u':
                return AppendHex(decoded, text, at, digits: 4);
            case 'U':
                return AppendHex(decoded, text, at, digits: 8);
            case >= '0' and <= '7':
                return AppendOctal(decoded, text, at);
            default:
                decoded.Append('\\').Append(letter);
                return at + 1;
        }
    }

    private static char? Simple(char letter) => letter switch
    {
        '\\' or '\'' or '"' => letter,
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        _ => null,
    };

    private static int AppendHex(StringBuilder decoded, string text, int at, int digits)
    {
        var end = at + 1 + digits;
        if (end > text.Length || !uint.TryParse(text.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            throw new BlockException($@"Error decoding text: \{text[at]} at position {at - 1} needs {digits} hexadecimal digits behind it");
        if (value <= char.MaxValue) decoded.Append((char)value);
        else if (Rune.TryCreate(value, out var rune)) decoded.Append(rune.ToString());
        else throw new BlockException($@"Error decoding text: \U at position {at - 1} is beyond the last character, \U0010ffff");
        return end;
    }

    private static int AppendOctal(StringBuilder decoded, string text, int at)
    {
        var value = 0;
        var end = at;
        while (end < text.Length && end < at + 3 && text[end] is >= '0' and <= '7') value = (value * 8) + (text[end++] - '0');
        decoded.Append((char)value);
        return end;
    }

    internal sealed record Input
    {
        public required string Text { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string DecodedText { get; init; }
    }
}
