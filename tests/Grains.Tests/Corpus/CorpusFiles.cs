using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Grainflow.Silo.Telemetry;

namespace Grainflow.Grains.Tests.Corpus;

/// <summary>What a version of the program has written: the folder <c>tests/Corpus/VERSION</c> (docs/upgrades.md).</summary>
/// <param name="Folder">The folder.</param>
internal sealed record CorpusFiles(string Folder)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Root { get; } = Path.Combine(FindCheckout(), "tests", "Corpus");

    /// <summary>The versions that there is a corpus of.</summary>
    public static IReadOnlyList<string> Versions { get; } = [.. Directory.EnumerateDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    /// <summary>The version that runs.</summary>
    public static string Present { get; } = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static CorpusFiles Of(string version) => new(Path.Combine(Root, version));

    /// <summary>The rows of the database, a table and a row on each line.</summary>
    public IReadOnlyList<StoredRow> Rows => Read<StoredRow>("rows.jsonl");

    /// <summary>What came of each run, and the live events that its clients have seen.</summary>
    public IReadOnlyList<ExpectedRun> Runs => Read<ExpectedRun>("runs.jsonl");

    /// <summary>A message of each type in the form of the wire.</summary>
    public IReadOnlyList<StoredMessage> Messages => Read<StoredMessage>("messages.jsonl");

    public void Write(IEnumerable<StoredRow> rows, IEnumerable<ExpectedRun> runs, IEnumerable<StoredMessage> messages)
    {
        Directory.CreateDirectory(Folder);
        Write("rows.jsonl", rows);
        Write("runs.jsonl", runs);
        Write("messages.jsonl", messages);
    }

    private void Write<T>(string name, IEnumerable<T> items) => File.WriteAllLines(Path.Combine(Folder, name), items.Select(item => JsonSerializer.Serialize(item, Options)));

    private List<T> Read<T>(string name) => [.. File.ReadLines(Path.Combine(Folder, name)).Select(line => JsonSerializer.Deserialize<T>(line, Options)!)];

    private static string FindCheckout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside a checkout.");
    }
}

/// <summary>A row of a table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Row">The row as PostgreSQL writes it as JSON; values of type json keep their text.</param>
internal sealed record StoredRow(string Table, string Row);

/// <summary>A run and what its log says.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Name">What is special about it.</param>
/// <param name="Status">The status after its last event.</param>
/// <param name="Stats">The statistics after it, as the API shows them.</param>
/// <param name="Nodes">The node executions in the order of their creation: node, status and attempt.</param>
/// <param name="Events">The live events: the number, the number of the logged event that each follows from, what it shows and its outputs.</param>
/// <param name="SnapshotAt">The number of the logged event after which the snapshot was written.</param>
/// <param name="Snapshot">The snapshot.</param>
internal sealed record ExpectedRun(Guid RunId, string Name, string Status, string Stats, IReadOnlyList<string> Nodes, IReadOnlyList<string> Events, long SnapshotAt, string Snapshot);

/// <summary>A message.</summary>
/// <param name="Alias">The alias of its type.</param>
/// <param name="Json">Its members with their values.</param>
/// <param name="Bytes">The message as Orleans sends it, with its type, in base64.</param>
internal sealed record StoredMessage(string Alias, string Json, string Bytes);
