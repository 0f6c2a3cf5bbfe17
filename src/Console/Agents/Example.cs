using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.WebConsole.Agents;

/// <summary>An agent for a newcomer: it needs no key and no account.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Description">What it shows.</param>
/// <param name="Resource">Its document in this assembly.</param>
/// <param name="Inputs">What its first run is started with.</param>
internal sealed record Example(string Name, string Description, string Resource, JsonElement Inputs)
{
    /// <summary>The examples of the first screen.</summary>
    public static IReadOnlyList<Example> All { get; } =
    [
        new("Greeting", "Fills a text from two inputs and today's date, and branches on the language.", "examples/greeting.json", JsonValues.Parse("""{"name": "Ada"}""")),
        new("Invitations", "Loops over a list of guests and writes a text for each.", "examples/invitations.json", JsonValues.Parse("""{"guests": ["Ada", "Grace", "Barbara"]}""")),
        new("Countdown", "Emits five lines with a pause before each: watch it while it goes on.", "examples/countdown.json", JsonValues.EmptyObject),
    ];

    /// <summary>The document as it is exported.</summary>
    public JsonElement Document()
    {
        using var stream = typeof(Example).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is not in the program.");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return JsonValues.ParseUtf8(content.GetBuffer().AsSpan(0, (int)content.Length));
    }
}
