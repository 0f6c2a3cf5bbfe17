using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("5185f32e-4b65-4ecf-8fbb-873f003f09d6", "Turns characters into backslash escapes; the inverse of Text Decoder.", "TEXT")]
internal sealed class TextEncoderBlock : PureBlock<TextEncoderBlock.Input, TextEncoderBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.EncodedText), Encode(input.Text))];

    // As Python's unicode_escape: printable ASCII stays, the backslash is doubled, everything else is escaped.
    private static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\\') encoded.Append(@"\\");
            else if (rune.Value is >= ' ' and <= '~') encoded.Append((char)rune.Value);
            else PythonText.AppendEscape(encoded, rune.Value);
        }

        return encoded.ToString();
    }

    internal sealed record Input
    {
        public required string Text { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required string EncodedText { get; init; }
    }
}
