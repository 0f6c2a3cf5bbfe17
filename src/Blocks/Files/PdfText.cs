using System.IO.Compression;
using System.Text;
using Grainflow.Blocks.Contract;
using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace Grainflow.Blocks.Files;

/// <summary>Takes the text out of PDF files.</summary>
internal static class PdfText
{
    private const int MaxPages = 10_000;

    /// <summary>Whether a file is a PDF: its mark stands in the first 1024 bytes.</summary>
    public static bool IsPdf(ReadOnlySpan<byte> content) => content[..Math.Min(content.Length, 1024)].IndexOf("%PDF-"u8) >= 0;

    /// <summary>The text of all pages, with a blank line between two pages.</summary>
    /// <exception cref="BlockException">The file is damaged, needs a password, has too many pages, or expands too far.</exception>
    public static string Read(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var budget = new OutputBudget();
        try
        {
            using var document = PdfDocument.Open(content.ToArray(), new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, FilterProvider = new BoundedFilters() });
            if (document.NumberOfPages > MaxPages) throw new BlockException($"The PDF file has more than {MaxPages} pages, which is the limit");
            foreach (var page in document.GetPages())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var found = ContentOrderTextExtractor.GetText(page);
                budget.Take(found.Length + 2);
                if (text.Length > 0) text.Append("\n\n");
                text.Append(found);
            }
        }
        // The library throws exceptions of many types for files that are damaged.
        catch (Exception e) when (e is not (BlockException or OperationCanceledException or OutOfMemoryException))
        {
            throw new BlockException($"The PDF file cannot be read: {e.Message}", e);
        }

        return text.Replace("\r\n", "\n").Replace('\r', '\n').ToString();
    }

    /// <summary>Decodes the streams of one file by the library's filters, and stops when they expand too far.</summary>
    private sealed class BoundedFilters : IFilterProvider
    {
        private readonly IFilterProvider _all = DefaultFilterProvider.Instance;
        private readonly ExpansionLimit _limit = new("PDF");

        public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary) => Bounded(_all.GetFilters(dictionary));

        public IReadOnlyList<IFilter> GetNamedFilters(IReadOnlyList<NameToken> names) => Bounded(_all.GetNamedFilters(names));

        public IReadOnlyList<IFilter> GetAllFilters() => Bounded(_all.GetAllFilters());

        private List<IFilter> Bounded(IReadOnlyList<IFilter> filters) => [.. filters.Select(filter => new BoundedFilter(filter, _limit))];
    }

    private sealed class BoundedFilter(IFilter filter, ExpansionLimit limit) : IFilter
    {
        // A code of 12 bits stands for at most 4,096 bytes (PDF 32000-1, section 7.4.4).
        private const int MostOfLzw = 4096 * 8 / 12;

        public bool IsSupported => filter.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex)
        {
            // Before the filter runs, which allocates the whole result.
            if (filter is FlateFilter) limit.Count(() => new ZLibStream(new MemoryStream(input.ToArray()), CompressionMode.Decompress));
            else if (filter is LzwFilter) limit.Check((long)input.Length * MostOfLzw);
            return filter.Decode(input, streamDictionary, filterProvider, filterIndex);
        }
    }
}
