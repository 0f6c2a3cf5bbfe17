using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.E2B;

/// <summary>What came of a piece of code.</summary>
internal sealed class CodeRun
{
    private const string Main = "is_main_result";

    private static readonly string[] Members = ["text", "html", "markdown", "svg", "png", "jpeg", "pdf", "latex", "json", "javascript", "data", "chart", "extra"];

    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errorOutput = new();
    private readonly List<JsonElement> _results = [];

    /// <summary>The results, each with the forms that it has and whether it is the main one.</summary>
    public JsonElement Results => JsonValues.Array(_results);

    /// <summary>The main results, without saying that they are.</summary>
    public IEnumerable<JsonElement> MainResults => _results.Where(IsMain).Select(result => JsonValues.Object(result.EnumerateObject().Where(member => member.Name != Main).Select(member => KeyValuePair.Create(member.Name, member.Value))));

    /// <summary>The text of the main result; "" for none.</summary>
    public string Text => _results.Where(IsMain).Select(result => result.Text("text")).FirstOrDefault(text => text is not null) ?? "";

    /// <summary>What the code wrote.</summary>
    public string Output => _output.ToString();

    /// <summary>What the code wrote to its error stream.</summary>
    public string ErrorOutput => _errorOutput.ToString();

    /// <summary>The error that ended the code, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>Adds a message of the sandbox. Messages of other types are ignored.</summary>
    /// <param name="message">The message.</param>
    public void Add(JsonElement message)
    {
        switch (message.Text("type"))
        {
            case "stdout":
                _output.Append(message.Text("text"));
                break;
            case "stderr":
                _errorOutput.Append(message.Text("text"));
                break;
            case "error":
                Error = $"{message.Text("name") ?? "Error"}: {message.Text("value")}";
                break;
            case "result":
                _results.Add(JsonValues.Object([
                    .. from name in Members where message.Member(name) is { } value && !value.IsNull() select KeyValuePair.Create(name, message.Member(name)!.Value),
                    KeyValuePair.Create(Main, message.Member(Main) is { ValueKind: JsonValueKind.True } ? JsonValues.True : JsonValues.False)]));
                break;
        }
    }

    private static bool IsMain(JsonElement result) => result.Member(Main) is { ValueKind: JsonValueKind.True };
}
