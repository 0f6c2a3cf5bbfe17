using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grainflow.Engine.Execution;

/// <summary>What a warning says. The names are those of the API.</summary>
public enum RunWarningKind
{
    /// <summary>A node got a value and no execution of it ever became complete.</summary>
    [JsonStringEnumMemberName("never_ran")]
    NeverRan,

    /// <summary>A node of a sub-agent failed. Failures of the run's own nodes are in its statistics and at the nodes themselves.</summary>
    [JsonStringEnumMemberName("node_failed")]
    NodeFailed,

    /// <summary>Outputs of a node were refused: too many, too large, too deep, not of the declared pins, or not storable.</summary>
    [JsonStringEnumMemberName("output_refused")]
    OutputRefused,
}

/// <summary>A node within a sub-agent.</summary>
/// <param name="GraphId">The graph of the sub-agent.</param>
/// <param name="Agent">Its name.</param>
/// <param name="NodeId">The node: the Agent node that runs the next sub-agent below, or the node that the warning is about.</param>
/// <param name="Node">What people call the node.</param>
public sealed record AgentStep(string GraphId, string Agent, string NodeId, string Node);

/// <summary>A loss that neither the results nor the status of a run show.</summary>
public sealed record RunWarning
{
    /// <summary>Characters of an error that are kept.</summary>
    private const int MaxError = 300;

    /// <summary>Characters of a name of an agent, a node or a pin that are kept.</summary>
    private const int MaxName = 100;

    /// <summary>Pins that are listed by name.</summary>
    private const int MaxPins = 10;

    /// <summary>What it says.</summary>
    public required RunWarningKind Kind { get; init; }

    /// <summary>The node of the run that it is about, or whose sub-agent it is about; null on its way from the node to the run.</summary>
    public string? NodeId { get; init; }

    /// <summary>What people call that node; null while <see cref="NodeId"/> is.</summary>
    public string? Node { get; init; }

    /// <summary>The way from the node into sub-agents, down to the node that it is about in the innermost one; null when it is about the node itself.</summary>
    public IReadOnlyList<AgentStep>? Path { get; init; }

    /// <summary>For <see cref="RunWarningKind.NeverRan"/>: the linked inputs on which nothing arrived for the execution that waited longest. Null when all had arrived and <see cref="Error"/> says what was wrong.</summary>
    public IReadOnlyList<string>? MissingPins { get; init; }

    /// <summary>For <see cref="RunWarningKind.NeverRan"/>: executions that waited, 1 or more.</summary>
    public int WaitingCount { get; init; }

    /// <summary>For <see cref="RunWarningKind.OutputRefused"/>: the pins of the outputs, or null when they are not known.</summary>
    public IReadOnlyList<string>? OutputPins { get; init; }

    /// <summary>For <see cref="RunWarningKind.OutputRefused"/>: outputs that are known to be lost, 1 or more. What the block would have given next is not known.</summary>
    public int OutputCount { get; init; }

    /// <summary>The error of the node, or why outputs or inputs were refused; null when there is nothing to say.</summary>
    public string? Error { get; init; }

    /// <summary>The warning for people, one sentence.</summary>
    [JsonIgnore]
    public string Message => RunWarningText.Of(this);

    /// <summary>Outputs that were refused.</summary>
    /// <param name="pins">Their pins; repeated ones count once.</param>
    /// <param name="count">How many outputs, 1 or more.</param>
    /// <param name="reason">Why.</param>
    public static RunWarning Refused(IEnumerable<string> pins, int count, string reason) =>
        new() { Kind = RunWarningKind.OutputRefused, OutputPins = Listed(pins), OutputCount = count, Error = Cut(reason, MaxError) };

    internal static RunWarning Failed(string nodeId, string node, string? error) =>
        new() { Kind = RunWarningKind.NodeFailed, NodeId = nodeId, Node = Cut(node), Error = Cut(error ?? "", MaxError) };

    internal static RunWarning Waiting(string nodeId, string node, IEnumerable<string> missing, int count, string? error) =>
        new() { Kind = RunWarningKind.NeverRan, NodeId = nodeId, Node = Cut(node), MissingPins = Listed(missing), WaitingCount = count, Error = error is null ? null : Cut(error, MaxError) };

    /// <summary>This warning of a sub-agent as its parent has it.</summary>
    internal RunWarning Within(string graphId, string agent) =>
        this with { NodeId = null, Node = null, Path = [new AgentStep(graphId, Cut(agent), NodeId!, Node!), .. Path ?? []] };

    internal RunWarning At(string nodeId, string node) => this with { NodeId = nodeId, Node = Cut(node) };

    private static List<string>? Listed(IEnumerable<string> pins) =>
        pins.Distinct(StringComparer.Ordinal).Take(MaxPins).Select(pin => Cut(pin)).ToList() is { Count: > 0 } listed ? listed : null;

    private static string Cut(string text, int length = MaxName)
    {
        if (text.Length <= length) return text;
        return (char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length]) + "…";
    }
}

/// <summary>What a run, or a node of it, has lost without a failure that shows it.</summary>
/// <param name="Items">The warnings, <see cref="MaxItems"/> at most.</param>
/// <param name="Omitted">Warnings beyond those.</param>
/// <param name="Leftovers">Executions of nodes that did run which were still waiting for inputs at the end. Agents with cycles leave some as a rule, so they are no warning.</param>
public sealed record RunWarnings(IReadOnlyList<RunWarning> Items, int Omitted = 0, int Leftovers = 0)
{
    /// <summary>Warnings that are listed; of more only the number is known. Bounds what a run adds to its row, its log and its last event.</summary>
    public const int MaxItems = 100;

    /// <summary>Nothing was lost.</summary>
    public static readonly RunWarnings None = new([]);

    /// <summary>All warnings, listed or not.</summary>
    [JsonIgnore]
    public int Count => Items.Count + Omitted;

    /// <summary>As many of some warnings as are listed, and the number of the others.</summary>
    /// <param name="items">Warnings, in order.</param>
    /// <param name="omitted">Warnings that were left out before.</param>
    /// <param name="leftovers">As <see cref="Leftovers"/>.</param>
    public static RunWarnings Of(IEnumerable<RunWarning> items, int omitted = 0, int leftovers = 0)
    {
        var all = items.ToList();
        return all.Count + omitted + leftovers == 0 ? None : new RunWarnings([.. all.Take(MaxItems)], omitted + Math.Max(0, all.Count - MaxItems), leftovers);
    }

    /// <summary>The stored form, JSON in UTF-8.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Warnings);

    /// <summary>Reads what <see cref="ToUtf8"/> wrote.</summary>
    /// <param name="utf8">The stored JSON.</param>
    /// <exception cref="JsonException">It is not the stored form.</exception>
    public static RunWarnings FromUtf8(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, RunJson.Warnings) ?? None;
}

/// <summary>The warnings that a run collects while it goes on.</summary>
internal sealed class WarningList
{
    private readonly List<RunWarning> _items = [];

    public int Omitted { get; private set; }

    public IReadOnlyList<RunWarning> Items => _items;

    public void Add(RunWarning warning)
    {
        if (_items.Count < RunWarnings.MaxItems) _items.Add(warning);
        else Omitted++;
    }

    public void Omit(int count) => Omitted += count;

    public RunWarnings? ToStored() => _items.Count + Omitted == 0 ? null : new RunWarnings([.. _items], Omitted);

    public void Restore(RunWarnings? stored)
    {
        _items.AddRange(stored?.Items ?? []);
        Omitted = stored?.Omitted ?? 0;
    }
}
