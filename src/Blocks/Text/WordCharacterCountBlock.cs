using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("ab2a782d-22cf-4587-8a70-55b59b3f9f90", "Counts words and characters.", "TEXT")]
internal sealed class WordCharacterCountBlock : PureBlock<WordCharacterCountBlock.Input, WordCharacterCountBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var (words, inWord) = (0, false);
        foreach (var c in input.Text)
        {
            var isSpace = PythonCharacters.IsSpace(c);
            if (!isSpace && !inWord) words++;
            inWord = !isSpace;
        }

        yield return Emit(nameof(Output.WordCount), words);
        yield return Emit(nameof(Output.CharacterCount), input.Text.EnumerateRunes().Count());
    }

    internal sealed record Input
    {
        public required string Text { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required long WordCount { get; init; }

        public required long CharacterCount { get; init; }
    }
}
