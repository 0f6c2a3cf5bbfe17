namespace Grainflow.Engine.Execution;

/// <summary>
/// The executions of one node that wait for inputs, in the order in which they were added. It finds the first one without a value on a pin in constant time.
/// </summary>
/// <remarks>
/// A value goes to the first execution without a value on its pin, and new executions are added at the end. So the executions with a value on a pin are always
/// the first ones of the list, and only the last of them has to be known for each pin.
/// </remarks>
internal sealed class WaitingExecutions
{
    private readonly LinkedList<NodeExecution> _executions = new();
    private readonly Dictionary<Guid, LinkedListNode<NodeExecution>> _places = [];

    /// <summary>For each pin, the last execution with a value on it; no entry when there is none.</summary>
    private readonly Dictionary<string, LinkedListNode<NodeExecution>> _lastWith = new(StringComparer.Ordinal);

    /// <summary>All executions, in order.</summary>
    public IReadOnlyCollection<NodeExecution> All => _executions;

    /// <summary>Adds an execution at the end, with the values that it has.</summary>
    public void Add(NodeExecution execution)
    {
        var place = _executions.AddLast(execution);
        _places.Add(execution.Id, place);
        foreach (var (pin, _) in execution.Input) _lastWith[pin] = place;
    }

    /// <summary>Returns the first execution without a value on a pin, or null, and marks it as having one. The caller sets the value.</summary>
    public NodeExecution? ReserveFirstWithout(string pin)
    {
        var place = _lastWith.TryGetValue(pin, out var last) ? last.Next : _executions.First;
        if (place is null) return null;
        _lastWith[pin] = place;
        return place.Value;
    }

    /// <summary>Removes an execution whose input has become complete.</summary>
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
