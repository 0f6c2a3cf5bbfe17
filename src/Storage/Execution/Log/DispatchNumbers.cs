namespace Grainflow.Storage.Execution;

/// <summary>
/// What the writer knows of the numbers that counted dispatches will get, so that a dispatch which runs ahead of the log is none that owes
/// the fee (ADR 0014). Only a forecast: the database counts, and refuses a commit for which the forecast turns out wrong.
/// </summary>
/// <param name="every">Every how many dispatches of a user the fee is due; 1 or more.</param>
internal sealed class DispatchNumbers(int every)
{
    /// <summary>The most users whose numbers are remembered; beyond, those without dispatches under way are removed.</summary>
    private const int MaxIdleUsers = 10_000;

    private readonly Dictionary<string, Numbers> _users = new(StringComparer.Ordinal);

    /// <summary>Records dispatches that are sent to the database.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="dispatches">How many.</param>
    /// <returns>True when none of them will owe the fee according to the forecast; false when one may, or the last number is unknown.</returns>
    public bool Sent(string userId, int dispatches)
    {
        if (!_users.TryGetValue(userId, out var numbers))
        {
            if (_users.Count >= MaxIdleUsers) Shrink();
            _users.Add(userId, numbers = new Numbers());
        }

        numbers.UnderWay += dispatches;
        return numbers.Last is { } last && (last % every) + numbers.UnderWay < every;
    }

    /// <summary>Records that dispatches are no longer under way, written or not.</summary>
    public void Answered(string userId, int dispatches)
    {
        if (_users.TryGetValue(userId, out var numbers)) numbers.UnderWay -= dispatches;
    }

    /// <summary>Records the last number that the database has given.</summary>
    public void Counted(string userId, long last)
    {
        if (_users.TryGetValue(userId, out var numbers)) numbers.Last = last;
    }

    /// <summary>Discards the last number, because an answer was lost or another process counts for this user, too.</summary>
    public void ClearLast(string userId)
    {
        if (_users.TryGetValue(userId, out var numbers)) numbers.Last = null;
    }

    private void Shrink()
    {
        foreach (var (userId, numbers) in _users.ToList())
            if (numbers.UnderWay == 0) _users.Remove(userId);
    }

    private sealed class Numbers
    {
        public long? Last { get; set; }

        public int UnderWay { get; set; }
    }
}
