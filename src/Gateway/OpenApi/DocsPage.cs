using System.Net;
using System.Text;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Routing;

namespace Grainflow.Gateway.OpenApi;

/// <summary>Writes the list of all operations as one page of plain HTML.</summary>
internal static class DocsPage
{
    private const string Head = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Grainflow API</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; background: #fff }
        h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid #ccc }
        article { margin: 1.2rem 0 } code { background: #f3f3f3; padding: .1rem .3rem; border-radius: .2rem }
        .method { display: inline-block; min-width: 4.5rem; font-weight: 600 } p { margin: .2rem 0 }
        @media (prefers-color-scheme: dark) { body { color: #eee; background: #16181b } code { background: #2a2d31 } a { color: #8ab4f8 } }
        </style>
        </head>
        <body>
        <h1>Grainflow API</h1>
        <p>The same as a document for programs: <a href="/openapi.json">/openapi.json</a>. Bodies and answers are JSON.
        With <code>ENABLE_AUTH</code> on, every operation except the public ones needs <code>Authorization: Bearer TOKEN</code>.</p>
        <p>Errors are <code>{"detail": ...}</code>, or <code>{"message", "detail", "hint"}</code>; a request that does not fit is answered with 422 and the places that are wrong.</p>
        """;

    public static string Write(IEnumerable<Operation> operations)
    {
        var page = new StringBuilder(Head);
        foreach (var section in operations.GroupBy(operation => operation.Tags[^1], StringComparer.Ordinal))
        {
            page.Append($"\n<h2>{Text(section.Key)}</h2>\n");
            foreach (var operation in section) Write(page, operation);
        }

        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Write(StringBuilder page, Operation operation)
    {
        page.Append($"<article><p><span class=\"method\">{operation.Method}</span> <code>{Text(operation.Path)}</code>{(operation.IsPublic ? " (public)" : "")}{(operation.Deprecated ? " (older form)" : "")}</p>\n");
        page.Append($"<p>{Text(operation.Summary)}.</p>\n");
        var queries = operation.Parameters.Where(parameter => parameter.In == "query").Select(parameter => $"<code>{Text(parameter.Name)}</code>{(parameter.Required ? "" : " (optional)")}").ToList();
        if (queries.Count > 0) page.Append($"<p>Query: {string.Join(", ", queries)}</p>\n");
        if (operation.Body is { } body) page.Append($"<p>Body: <code>{Text(Name(body))}</code>{(operation.BodyRequired ? "" : " (optional)")}</p>\n");
        var answers = operation.Answers.Select(answer => $"<code>{Text(Name(answer))}</code>").ToList();
        if (operation.NullableAnswer) answers.Add("<code>null</code>");
        page.Append($"<p>Answer: {operation.Status}{(answers.Count > 0 ? " " + string.Join(" or ", answers) : "")}</p></article>\n");
    }

    private static string Name(Type type)
    {
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[]";
        if (!type.IsGenericType) return type.GetCustomAttributes(typeof(SchemaNameAttribute), false).OfType<SchemaNameAttribute>().FirstOrDefault()?.Name ?? (type == typeof(System.Text.Json.JsonElement) ? "any" : type.Name);
        var last = Name(type.GenericTypeArguments[^1]);
        return type.GenericTypeArguments.Length == 1 ? $"{last}[]" : $"object of {last}";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
