using System.Globalization;
using Npgsql;

namespace Grainflow.Load;

/// <summary>What a load costs the servers and their database: processor time, and syncs of the database's log, which is what a commit waits for.</summary>
/// <param name="serverPids">The process ids of the servers; one, or all of a cluster.</param>
/// <param name="database">The connection string of the database, or null when it cannot be asked.</param>
/// <param name="postmasterPid">The process id of PostgreSQL's first process, or null.</param>
internal sealed class Meters(IReadOnlyList<int> serverPids, string? database, int? postmasterPid)
{
    private const double TicksPerSecond = 100;

    /// <summary>Less than this part of a processor is what servers use that have nothing to do.</summary>
    private const double IdlePart = 0.1;

    /// <summary>Waits until the servers have had nothing to do for two seconds, at most a minute.</summary>
    public async Task UntilIdleAsync()
    {
        var length = TimeSpan.FromSeconds(2);
        for (var (tries, before) = (30, await ReadAsync()); tries > 0; tries--)
        {
            await Task.Delay(length);
            var now = await ReadAsync();
            if (now.ServerSeconds - before.ServerSeconds < IdlePart * length.TotalSeconds * serverPids.Count) return;
            before = now;
        }
    }

    /// <summary>Reads all meters.</summary>
    public async Task<Reading> ReadAsync() => new(serverPids.Sum(pid => Seconds(pid, withChildren: false)), postmasterPid is { } pid ? Family(pid) : null, await SyncsAsync());

    /// <summary>The memory of the first server, resident and at most.</summary>
    public string Memory() =>
        string.Join(", ", File.ReadLines($"/proc/{serverPids[0]}/status").Where(line => line.StartsWith("VmRSS", StringComparison.Ordinal) || line.StartsWith("VmHWM", StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));

    /// <summary>The time of PostgreSQL's processes: those that run, and those that the first one has waited for.</summary>
    private static double Family(int postmaster) =>
        Seconds(postmaster, withChildren: true)
        + Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(pid => Fields(pid) is { } fields && fields[1] == postmaster.ToString(CultureInfo.InvariantCulture))
            .Sum(pid => Seconds(pid, withChildren: false));

    private static double Seconds(int pid, bool withChildren) => Fields(pid) is { } fields
        ? fields[11..(withChildren ? 15 : 13)].Sum(text => long.Parse(text, CultureInfo.InvariantCulture)) / TicksPerSecond
        : 0;

    /// <summary>The fields of a process from its state on (proc(5), field 3), which come after a name that may hold spaces; null when it has ended.</summary>
    private static string[]? Fields(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task<long?> SyncsAsync()
    {
        if (database is null) return null;
        await using var source = NpgsqlDataSource.Create(database);
        // Each process of the database tells its numbers now and then; those that are idle have told them.
        await using var command = source.CreateCommand("SELECT wal_sync FROM pg_stat_wal");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The meters at a moment.</summary>
    /// <param name="ServerSeconds">Processor time of the servers.</param>
    /// <param name="DatabaseSeconds">Processor time of PostgreSQL, or null.</param>
    /// <param name="Syncs">Syncs of the database's log since it was made, or null.</param>
    public sealed record Reading(double ServerSeconds, double? DatabaseSeconds, long? Syncs)
    {
        /// <summary>What was used since an earlier reading, for each of a number of executions.</summary>
        public string Per(int executions, Reading before)
        {
            var parts = new List<string> { FormattableString.Invariant($"server {(ServerSeconds - before.ServerSeconds) * 1000 / executions:0.00} ms") };
            if (DatabaseSeconds - before.DatabaseSeconds is { } seconds) parts.Add(FormattableString.Invariant($"database {seconds * 1000 / executions:0.00} ms"));
            if (Syncs - before.Syncs is { } syncs) parts.Add(FormattableString.Invariant($"{syncs / (double)executions:0.0} syncs"));
            return string.Join(", ", parts) + " each";
        }
    }
}
