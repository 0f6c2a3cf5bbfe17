namespace Grainflow.Gateway.Routing;

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In"><c>path</c> or <c>query</c>.</param>
/// <param name="Required">True when it must be there.</param>
/// <param name="Schema">Its JSON schema, as text.</param>
internal sealed record Parameter(string Name, string In, bool Required, string Schema)
{
    public static Parameter PathText(string name) => new(name, "path", true, """{"type": "string"}""");

    public static Parameter PathNumber(string name) => new(name, "path", true, """{"anyOf": [{"type": "integer"}, {"type": "null"}]}""");

    public static Parameter QueryText(string name, bool required) =>
        new(name, "query", required, required ? """{"type": "string"}""" : """{"anyOf": [{"type": "string"}, {"type": "null"}]}""");
}
