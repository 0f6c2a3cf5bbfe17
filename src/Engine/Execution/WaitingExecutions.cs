namespace Grainflow.Engine.Execution;

/// <summary>
/// The executions of one node that wait for inputs, in the order in which they were added. It finds the first that lacks a pin without looking at the others.
/// </summary>
/// <remarks>
/// A value goes to the first execution that lacks its pin, and a new execution is added behind all others. So the executions that have a pin are always the
/// first ones of the list, and it is enough to know the last of them for each pin.
/// </remarks>
internal sealed class WaitingExecutions
{
    private readonly LinkedList<NodeExecution> _executions = new();
    private readonly Dictionary<Guid, LinkedListNode<NodeExecution>> _places = [];

    /// <summary>For each pin, the last execution that has it; no entry when none has.</summary>
    private readonly Dictionary<string, LinkedListNode<NodeExecution>> _lastWith = new(StringComparer.Ordinal);

    /// <summary>All that wait, in order.</summary>
    public IReadOnlyCollection<NodeExecution> All => _executions;

    /// <summary>Adds an execution behind all others, with the pins that it has.</summary>
    public void Add(NodeExecution execution)
    {
        var place = _executions.AddLast(execution);
        _places.Add(execution.Id, place);
        foreach (var (pin, _) in execution.Input) _lastWith[pin] = place;
    }

    /// <summary>The first execution that lacks a pin, or null. The caller gives it the pin.</summary>
    public NodeExecution? TakeFirstWithout(string pin)
    {
        var place = _lastWith.TryGetValue(pin, out var last) ? last.Next : _executions.First;
        if (place is null) return null;
        _lastWith[pin] = place;
        return place.Value;
    }

    /// <summary>Removes an execution that is complete.</summary>
    public void Remove(NodeExecution execution)
    {
        if (!_places.Remove(execution.Id, out var place)) return;
        foreach (var (pin, _) in execution.Input)
        {
            if (!_lastWith.TryGetValue(pin, out var last) || last != place) continue;
            if (place.Previous is { } before) _lastWith[pin] = before;
            else _lastWith.Remove(pin);
        }

        _executions.Remove(place);
    }
}
