using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Files;

[Block("3735a31f-7e18-4aca-9e90-08a7120674bc", "Reads a file as text, optionally in chunks.", "DATA", "TEXT", EmitsSeveral = true, Effect = BlockEffect.Read)]
internal sealed class FileReadBlock : Block<FileReadBlock.Input, FileReadBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = await RunFile.StoreAsync(input.FileInput, context, cancellationToken);
        var text = PdfText.IsPdf(file.Content.Span) ? PdfText.Read(file.Content, cancellationToken) : FileText.Decode(file.Content.Span);
        if (Rows(text, Skip(text, 0, input.SkipSize), input) is not { } part)
        {
            // All rows were skipped.
            yield return Emit(nameof(Output.Content), "");
            yield break;
        }

        for (var at = part.Start; at < part.End;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = input.SizeLimit > 0 ? Math.Min(Skip(text, at, input.SizeLimit), part.End) : part.End;
            yield return Emit(nameof(Output.Content), text[at..end]);
            at = end;
        }
    }

    // The part of the text from the first row to the last one that is wanted; null when there is no row.
    private static (int Start, int End)? Rows(string text, int start, Input input)
    {
        if (input.Delimiter.Length == 0) return input.SkipRows > 0 ? null : (start, text.Length);
        for (var row = 0L; row < input.SkipRows; row++)
        {
            if (text.IndexOf(input.Delimiter, start, StringComparison.Ordinal) is not (>= 0 and var end)) return null;
            start = end + input.Delimiter.Length;
        }

        if (input.RowLimit <= 0) return (start, text.Length);
        var next = start;
        for (var row = 0L; row < input.RowLimit; row++)
        {
            if (text.IndexOf(input.Delimiter, next, StringComparison.Ordinal) is not (>= 0 and var end)) return (start, text.Length);
            if (row == input.RowLimit - 1) return (start, end);
            next = end + input.Delimiter.Length;
        }

        return (start, text.Length);
    }

    // The position behind so many code points.
    private static int Skip(string text, int start, long codePoints)
    {
        // Without a surrogate among them a code point is a char.
        if (codePoints >= text.Length - start) return text.Length;
        var at = start;
        for (var rest = codePoints; rest > 0 && at < text.Length; rest--) at += char.IsSurrogatePair(text, at) ? 2 : 1;
        return at;
    }

    internal sealed record Input
    {
        [Pin(Type = "string:file")]
        public required string FileInput { get; init; }

        public string Delimiter { get; init; } = "";

        public long SizeLimit { get; init; }

        public long RowLimit { get; init; }

        public long SkipSize { get; init; }

        public long SkipRows { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Content { get; init; }
    }
}
