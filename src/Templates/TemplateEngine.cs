using System.Text;
using System.Text.Json;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Syntax;

namespace Grainflow.Templates;

/// <summary>
/// Renders templates in the language of Jinja 3.1 with its sandbox (contract: block-tiers, Fill Text Template): no global
/// functions, no other templates, no private attributes, filters <c>pprint</c>, <c>tojson</c>, <c>urlize</c> and
/// <c>xmlattr</c> removed. What one rendering may use is bounded by <see cref="TemplateLimits"/>. README.md beside this file tells what
/// of Jinja there is and how it differs.
/// </summary>
public static class TemplateEngine
{
    /// <summary>Renders a template.</summary>
    /// <param name="template">The template. Its last line break is dropped.</param>
    /// <param name="values">The names it may use. Values are copied; a template cannot change them.</param>
    /// <param name="escapeHtml">True to escape printed values for HTML, except those marked <c>safe</c>.</param>
    /// <exception cref="TemplateException">The template is wrong or goes beyond a limit.</exception>
    /// <exception cref="TemplateRuntimeException">An operation that Python refuses, such as a division by zero.</exception>
    public static string Render(string template, IReadOnlyDictionary<string, JsonElement> values, bool escapeHtml)
    {
        var body = TemplateParser.Parse(template);
        var state = new RenderState(escapeHtml);
        var into = new StringBuilder();
        new StatementRunner(state).Run(body, Scope.Of(values, state), into);
        return into.ToString();
    }
}
