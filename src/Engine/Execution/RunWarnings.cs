using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grainflow.Engine.Execution;

/// <summary>The kinds of warnings, with the names of the API.</summary>
public enum RunWarningKind
{
    /// <summary>A node got a value, but no execution of it got all its inputs.</summary>
    [JsonStringEnumMemberName("never_ran")]
    NeverRan,

    /// <summary>A node of a sub-agent failed. Failures of the run's own nodes are no warnings: they are in the statistics and in the node executions.</summary>
    [JsonStringEnumMemberName("node_failed")]
    NodeFailed,

    /// <summary>Outputs of a node were refused, because they were too many, too large, too deep, on an undeclared pin, or not storable.</summary>
    [JsonStringEnumMemberName("output_refused")]
    OutputRefused,
}

/// <summary>A node within a sub-agent.</summary>
/// <param name="GraphId">The graph of the sub-agent.</param>
/// <param name="Agent">The name of the sub-agent.</param>
/// <param name="NodeId">The Agent node that runs the next sub-agent below, or the node that the warning is about.</param>
/// <param name="Node">The name of the node for users (<see cref="Graphs.NodeTitle"/>).</param>
public sealed record AgentStep(string GraphId, string Agent, string NodeId, string Node);

/// <summary>A loss in a run that neither its results nor its status show.</summary>
public sealed record RunWarning
{
    /// <summary>A longer error is cut to this many characters.</summary>
    private const int MaxError = 300;

    /// <summary>A longer name of an agent, a node or a pin is cut to this many characters.</summary>
    private const int MaxName = 100;

    /// <summary>The most pins that are listed.</summary>
    private const int MaxPins = 10;

    /// <summary>The kind of loss.</summary>
    public required RunWarningKind Kind { get; init; }

    /// <summary>The node of the run that has, or whose sub-agent has, the loss; null in a report of the node to its run.</summary>
    public string? NodeId { get; init; }

    /// <summary>The name of that node for users; null when <see cref="NodeId"/> is.</summary>
    public string? Node { get; init; }

    /// <summary>The path from the node through sub-agents to the node with the loss in the innermost one; null when the node itself has the loss.</summary>
    public IReadOnlyList<AgentStep>? Path { get; init; }

    /// <summary>
    /// For <see cref="RunWarningKind.NeverRan"/>: the linked inputs on which nothing arrived for the execution that waited longest. Null when all had arrived;
    /// <see cref="Error"/> is then the reason.
    /// </summary>
    public IReadOnlyList<string>? MissingPins { get; init; }

    /// <summary>For <see cref="RunWarningKind.NeverRan"/>: the number of executions that waited, 1 or more.</summary>
    public int WaitingCount { get; init; }

    /// <summary>For <see cref="RunWarningKind.OutputRefused"/>: the pins of the outputs, or null when they are not known.</summary>
    public IReadOnlyList<string>? OutputPins { get; init; }

    /// <summary>For <see cref="RunWarningKind.OutputRefused"/>: the number of refused outputs, 1 or more. Outputs that the block would have emitted later are not counted.</summary>
    public int OutputCount { get; init; }

    /// <summary>The error of the node, or the reason why outputs or inputs were refused, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The text for users, one sentence.</summary>
    [JsonIgnore]
    public string Message => RunWarningText.Of(this);

    /// <summary>Creates the warning of refused outputs.</summary>
    /// <param name="pins">The pins of the outputs; each is listed once.</param>
    /// <param name="count">The number of outputs, 1 or more.</param>
    /// <param name="reason">The reason.</param>
    public static RunWarning Refused(IEnumerable<string> pins, int count, string reason) =>
        new() { Kind = RunWarningKind.OutputRefused, OutputPins = Listed(pins), OutputCount = count, Error = Cut(reason, MaxError) };

    internal static RunWarning Failed(string nodeId, string node, string? error) =>
        new() { Kind = RunWarningKind.NodeFailed, NodeId = nodeId, Node = Cut(node), Error = Cut(error ?? "", MaxError) };

    internal static RunWarning Waiting(string nodeId, string node, IEnumerable<string> missing, int count, string? error) =>
        new() { Kind = RunWarningKind.NeverRan, NodeId = nodeId, Node = Cut(node), MissingPins = Listed(missing), WaitingCount = count, Error = error is null ? null : Cut(error, MaxError) };

    /// <summary>Converts a warning of a sub-agent to the one of its parent.</summary>
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

/// <summary>The warnings of a run, or of a node of it.</summary>
/// <param name="Items">The warnings, at most <see cref="MaxItems"/>.</param>
/// <param name="Omitted">The number of further warnings.</param>
/// <param name="Leftovers">
/// The number of executions that waited for inputs at the end, of nodes that did run. They are no warnings, because agents with cycles normally have some.
/// </param>
public sealed record RunWarnings(IReadOnlyList<RunWarning> Items, int Omitted = 0, int Leftovers = 0)
{
    /// <summary>The most warnings that are listed; further ones are only counted. It limits the size of the row, the log and the last live event of a run.</summary>
    public const int MaxItems = 100;

    /// <summary>No warnings.</summary>
    public static readonly RunWarnings None = new([]);

    /// <summary>The number of all warnings, listed or not.</summary>
    [JsonIgnore]
    public int Count => Items.Count + Omitted;

    /// <summary>Lists the first <see cref="MaxItems"/> warnings and counts the others.</summary>
    /// <param name="items">The warnings in order.</param>
    /// <param name="omitted">The number of warnings that were omitted before.</param>
    /// <param name="leftovers">The number of <see cref="Leftovers"/>.</param>
    public static RunWarnings Of(IEnumerable<RunWarning> items, int omitted = 0, int leftovers = 0)
    {
        var all = items.ToList();
        return all.Count + omitted + leftovers == 0 ? None : new RunWarnings([.. all.Take(MaxItems)], omitted + Math.Max(0, all.Count - MaxItems), leftovers);
    }

    /// <summary>The stored form, JSON in UTF-8.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Warnings);

    /// <summary>Reads the result of <see cref="ToUtf8"/>.</summary>
    /// <param name="utf8">The stored JSON.</param>
    /// <exception cref="JsonException">The text is not the stored form.</exception>
    public static RunWarnings FromUtf8(ReadOnlySpan<byte> utf8) => JsonSerializer.Deserialize(utf8, RunJson.Warnings) ?? None;
}

/// <summary>Collects the warnings of a run while it goes on.</summary>
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
