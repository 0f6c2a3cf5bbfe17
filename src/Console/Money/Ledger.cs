using System.Globalization;
using Grainflow.Gateway.Credits;
using Grainflow.WebConsole.Layout;

namespace Grainflow.WebConsole.Money;

/// <summary>The transactions that were read so far, newest first, and what they say about the spending.</summary>
internal sealed class Ledger
{
    /// <summary>How many agents have a colour of their own; the others are counted together.</summary>
    private const int MostAgents = 5;

    private readonly List<UserTransaction> _entries = [];
    private readonly Dictionary<string, int> _runs = new(StringComparer.Ordinal);

    /// <summary>The entries; the charges of a run are one.</summary>
    public IReadOnlyList<UserTransaction> Entries => _entries;

    /// <summary>Adds the next page. The charges of a run may go on from the page before: its entry grows then.</summary>
    /// <param name="page">Entries that are older than those so far.</param>
    public void Add(IEnumerable<UserTransaction> page)
    {
        foreach (var entry in page)
        {
            if (entry.UsageExecutionId is { Length: > 0 } run)
            {
                if (_runs.TryGetValue(run, out var index))
                {
                    _entries[index] = _entries[index] with
                    {
                        Amount = _entries[index].Amount + entry.Amount,
                        UsageNodeCount = _entries[index].UsageNodeCount + entry.UsageNodeCount,
                        UsageStartTime = entry.UsageStartTime,
                    };
                    continue;
                }

                _runs.Add(run, _entries.Count);
            }

            _entries.Add(entry);
        }
    }

    /// <summary>What was spent per day and agent: the agents that cost most, and the others together. A day counts by the last charge of a run, in UTC.</summary>
    /// <param name="names">The names of the agents by id.</param>
    public IReadOnlyList<PlotSeries> Spending(IReadOnlyDictionary<string, string> names)
    {
        var agents = _entries.Where(entry => entry.TransactionType == "USAGE")
            .GroupBy(entry => entry.UsageGraphId ?? "", StringComparer.Ordinal)
            .Select(agent => (Name: NameOf(agent.Key, names), Points: Points(agent), Sum: agent.Sum(entry => -entry.Amount)))
            .Where(agent => agent.Sum > 0)
            .OrderByDescending(agent => agent.Sum).ThenBy(agent => agent.Name, StringComparer.Ordinal)
            .ToList();
        var series = agents.Take(MostAgents).Select(agent => new PlotSeries(agent.Name, agent.Points)).ToList();
        if (agents.Count > MostAgents) series.Add(new PlotSeries($"{agents.Count - MostAgents:N0} others", [.. agents.Skip(MostAgents).SelectMany(agent => agent.Points)]));
        return series;
    }

    /// <summary>The time that the entries cover; null without an entry.</summary>
    public string? Period() => _entries.Count == 0
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{_entries[^1].TransactionTime.UtcDateTime:yyyy-MM-dd HH:mm} to {_entries[0].TransactionTime.UtcDateTime:yyyy-MM-dd HH:mm} UTC");

    /// <summary>What an agent is called; one that was deleted has the beginning of its id.</summary>
    /// <param name="graphId">The agent.</param>
    /// <param name="names">The names of the agents by id.</param>
    public static string NameOf(string? graphId, IReadOnlyDictionary<string, string> names)
    {
        if (string.IsNullOrEmpty(graphId)) return "Other charges";
        return names.TryGetValue(graphId, out var name) && name.Length > 0 ? name : $"Agent {graphId[..Math.Min(8, graphId.Length)]}";
    }

    /// <summary>A kind of transaction in words.</summary>
    /// <param name="type">As the contract names it.</param>
    public static string Kind(string type) => type switch
    {
        "TOP_UP" => "bought",
        "USAGE" => "spent by a run",
        "GRANT" => "granted",
        "REFUND" => "refunded",
        "CARD_CHECK" => "card check",
        _ => type,
    };

    private static List<PlotPoint> Points(IEnumerable<UserTransaction> entries) =>
        [.. entries.GroupBy(entry => PlotScale.DayOf(entry.TransactionTime)).Select(day => new PlotPoint(new DateTimeOffset(day.Key.ToDateTime(default), TimeSpan.Zero), Math.Max(0, day.Sum(entry => -entry.Amount))))];
}
