using System.Text.Json.Nodes;
using Grainflow.Engine.Monitoring;

namespace Grainflow.Grains.Monitoring;

/// <summary>A task of the platform.</summary>
internal interface ISystemTask
{
    /// <summary>The name, a member of <see cref="Interfaces.Monitoring.SystemTaskNames"/>.</summary>
    string Name { get; }

    /// <summary>The time between the beginnings of two runs; null for a task that runs only when it is asked for.</summary>
    TimeSpan? Interval { get; }

    /// <summary>Whether it also runs at each start of a server.</summary>
    bool RunsAtStart => false;

    /// <summary>Does the task. Everything that it reports is in its result, which is written together with the end of the run; so a run that is lost in between has reported nothing.</summary>
    /// <param name="now">The time of the run.</param>
    /// <param name="cancellationToken">Ends the run, because it takes too long or the process stops.</param>
    Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What operators are told when a run has failed; null for nothing but the log.</summary>
    /// <param name="error">Why.</param>
    Alert? AlertOf(string error) => null;
}

/// <summary>What a run of a task gave.</summary>
/// <param name="Result">The answer of the contract to who has triggered it.</param>
/// <param name="Alerts">What operators are told.</param>
internal sealed record SystemTaskOutcome(JsonNode Result, IReadOnlyList<Alert> Alerts)
{
    /// <summary>The late executions that the alerts report; null when the task did not look for any.</summary>
    public IReadOnlyList<LateExecution>? Late { get; init; }

    /// <summary>A result in words, without alerts.</summary>
    /// <param name="text">The words.</param>
    public static SystemTaskOutcome Text(string text) => new(JsonValue.Create(text), []);
}

/// <summary>The tasks of the platform by name. A server has them; a process that runs one agent has not, so that no task runs there, whoever asks.</summary>
/// <param name="tasks">All tasks.</param>
internal sealed class SystemTasks(IEnumerable<ISystemTask> tasks)
{
    private readonly Dictionary<string, ISystemTask> _byName = tasks.ToDictionary(task => task.Name, StringComparer.Ordinal);

    /// <summary>The task of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ISystemTask Find(string name) =>
        _byName.TryGetValue(name, out var task) ? task : throw new ArgumentException($"There is no system task '{name}'.", nameof(name));

    /// <summary>The tasks, in the order in which they were registered.</summary>
    public IReadOnlyCollection<ISystemTask> All => _byName.Values;
}
