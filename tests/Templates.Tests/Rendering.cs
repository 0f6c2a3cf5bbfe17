using System.Text.Json;

namespace Grainflow.Templates.Tests;

/// <summary>Renders with values given as JSON text.</summary>
internal static class Rendering
{
    public const string Values = """
        {"s":"Hello World","n":5,"f":3.14159,"l":[3,1,2],"e":[],"d":{"b":2,"a":1},"t":true,"z":null,"h":"<b>\"'&</b>",
         "users":[{"name":"Bo","age":3,"city":"CA"},{"name":"al","age":2,"city":"ca"},{"name":"Cy","age":3,"city":"NY"}],
         "u":"日本😀é","words":"the quick brown fox, jumps-over the lazy dog","m":"a\nb\n\nc"}
        """;

    public static string Render(string template, string values = Values, bool escapeHtml = false)
    {
        var read = JsonDocument.Parse(values).RootElement.EnumerateObject().ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        return TemplateEngine.Render(template, read, escapeHtml);
    }
}
