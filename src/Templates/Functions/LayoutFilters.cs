using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Filters that cut and break texts into lines.</summary>
internal static class LayoutFilters
{
    public static readonly (string Name, Function Function)[] All =
    [
        ("truncate", new("length? killwords? end? leeway?", Truncate)),
        ("indent", new("width? first? blank?", Indent)),
        ("wordwrap", new("width? break_long_words? wrapstring? break_on_hyphens?", Wrap)),
    ];

    private static object Truncate(RenderState state, object value, Bound args)
    {
        var length = args.Index(0, 255);
        var end = args.Text(2) ?? "...";
        var leeway = args.Index(3, 5);
        var endLength = CodePoints.Count(end);
        if (length < endLength) throw TemplateErrors.Type($"expected length >= {endLength}, got {length}");
        if (leeway < 0) throw TemplateErrors.Type($"expected leeway >= 0, got {leeway}");
        if (Iteration.Length(value) <= (long)length + leeway) return value;
        return Texts.Change(Texts.Require(value) is var text && value is Markup ? value : text, whole =>
        {
            var cut = CodePoints.Range(whole, 0, length - endLength);
            var space = args.Truth(1) ? -1 : cut.LastIndexOf(' ');
            return (space < 0 ? cut : cut[..space]) + end;
        });
    }

    private static object Indent(RenderState state, object value, Bound args)
    {
        var indention = args[0] is string or Markup ? args.Text(0)! : Spaces(args.Index(0, 4));
        var (first, blank) = (args.Truth(1), args.Truth(2));
        Texts.Require(value);
        return Texts.Change(value, text =>
        {
            var lines = TextParts.Lines(text + "\n", keepEnds: false);
            RenderState.CheckText(text.Length + ((long)lines.Count * indention.Length));
            for (var i = 0; i < lines.Count; i++)
                if (i == 0 ? first : blank || lines[i].Length > 0) lines[i] = indention + lines[i];
            return string.Join('\n', lines);
        });
    }

    private static string Spaces(int count)
    {
        RenderState.CheckText(count);
        return count > 0 ? new string(' ', count) : "";
    }

    private static object Wrap(RenderState state, object value, Bound args)
    {
        var width = args.Index(0, 79);
        if (width <= 0) throw TemplateErrors.Value($"invalid width {width} (must be > 0)");
        var breakLong = args[1] is null || args.Truth(1);
        var breakHyphens = args[3] is null || args.Truth(3);
        var between = args.Text(2) ?? "\n";
        var wrapper = new WordWrapper(width, breakLong, breakHyphens);
        var lines = TextParts.Lines(Texts.Require(value), keepEnds: false).Select(line => string.Join(between, wrapper.Wrap(line)));
        return Texts.Join(state, between, lines, escape: false);
    }
}
