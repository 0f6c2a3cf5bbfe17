using System.Collections.Concurrent;
using System.Globalization;
using Grainflow.Storage.Billing;
using Npgsql;

namespace Grainflow.Storage.Tests.Billing;

/// <summary>What happened in simulations; a test that did not see one of them proves nothing about it.</summary>
internal sealed class SimulatedEvents
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(string name) => _counts.AddOrUpdate(name, 1, (_, count) => count + 1);

    /// <summary>The outcomes and faults that never happened.</summary>
    public IEnumerable<string> Missing() =>
        Enum.GetNames<SimulatedFault>().Concat([nameof(LedgerOutcome.Applied), nameof(LedgerOutcome.AlreadyApplied), nameof(LedgerOutcome.Insufficient), nameof(LedgerOutcome.OverBudget)])
            .Where(name => !_counts.ContainsKey(name));

    public override string ToString() => string.Join(", ", _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Value} {pair.Key}"));
}

/// <summary>What goes wrong with a transaction.</summary>
internal enum SimulatedFault
{
    None,

    /// <summary>It fails, and nothing was written.</summary>
    FailsBefore,

    /// <summary>It fails although it was committed.</summary>
    FailsAfter,

    /// <summary>The silo dies at any time of it.</summary>
    Dies,
}

/// <summary>The silos, clients and wallets of one seed.</summary>
/// <param name="store">The ledger, for the checks.</param>
/// <param name="pools">The connections of silos.</param>
/// <param name="seed">Decides what is asked for, by whom and where, and what goes wrong. The order in which PostgreSQL takes the transactions is its own.</param>
/// <param name="events">Counts what happened.</param>
internal sealed class LedgerSimulation(LedgerStore store, SimulatedPools pools, int seed, SimulatedEvents events)
{
    private const int Clients = 6;
    private const int Operations = 36;
    private const string BadKey = "bad\0key";

    private readonly string[] _users = [$"a{seed}", $"b{seed}"];
    private readonly LedgerBudget[] _budgets = [.. new[] { 20, 45 }.Select(credits => new LedgerBudget(Guid.NewGuid(), credits))];
    private readonly ConcurrentQueue<(string User, LedgerOperation Operation)> _work = new();
    private readonly ConcurrentBag<(string User, LedgerOperation Operation, LedgerResult Result)> _answers = [];
    private readonly List<SimulatedSilo> _started = [];
    private readonly SimulatedSilo?[] _silos = new SimulatedSilo?[2];
    private readonly Lock _gate = new();

    /// <summary>Has the clients do all the work.</summary>
    public async Task RunAsync()
    {
        var random = new Random(seed);
        var work = Enumerable.Range(0, Operations).Select(number => (User: _users[random.Next(2)], Operation: Any(random, number))).ToList();
        // A webhook that is delivered twice, or a request that a client repeats although it was answered.
        work.AddRange(Enumerable.Range(0, Operations / 3).Select(_ => work[random.Next(Operations)]).ToList());
        var shuffled = work.ToArray();
        random.Shuffle(shuffled);
        foreach (var item in shuffled) _work.Enqueue(item);
        await Task.WhenAll(Enumerable.Range(1, Clients).Select(client => WorkAsync(new Random((seed * 31) + client))));
        foreach (var silo in _started) silo.Dispose();
    }

    /// <summary>Compares the ledger with the model and with what clients were answered, before and after all that was applied is repeated once more.</summary>
    public async Task AssertExactAsync()
    {
        foreach (var user in _users)
        {
            var answers = _answers.Where(answer => answer.User == user).ToList();
            var rows = (await store.HistoryAsync(user, new LedgerQuery { Limit = 1000 }, CancellationToken.None)).OrderBy(row => row.Sequence).ToList();
            var model = new LedgerModel(answers.Select(answer => answer.Operation).Distinct().ToLookup(operation => operation.TransactionKey, StringComparer.Ordinal));
            foreach (var row in rows) model.Replay(row);
            foreach (var (_, operation, result) in answers) AssertAnswer(model, operation, result);
            var applied = answers.Where(answer => answer.Result.Outcome is LedgerOutcome.Applied or LedgerOutcome.AlreadyApplied).Select(answer => answer.Operation).ToList();
            // Every row was reported to a client. At most one answer reports a key as new, and none does when that answer was lost.
            Assert.Equal(rows.Select(row => row.TransactionKey).Order(StringComparer.Ordinal), applied.Select(operation => operation.TransactionKey).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
            Assert.All(
                answers.Where(answer => answer.Result.Outcome == LedgerOutcome.Applied).GroupBy(answer => answer.Operation.TransactionKey, StringComparer.Ordinal),
                news => Assert.Single(news));

            var wallet = await store.WalletAsync(user, CancellationToken.None);
            Assert.Equal((model.Balance, rows.Count), (wallet.Balance, wallet.LastSequence));
            if (applied.Count == 0) continue;
            var again = Assert.Single(await store.ApplyAsync([new WalletOperations(user, applied)], DateTimeOffset.UtcNow, CancellationToken.None));
            Assert.All(again, result => Assert.Equal(LedgerOutcome.AlreadyApplied, result.Outcome));
            Assert.Equal(wallet, await store.WalletAsync(user, CancellationToken.None));
        }
    }

    private static void AssertAnswer(LedgerModel model, LedgerOperation operation, LedgerResult result)
    {
        switch (result.Outcome)
        {
            case LedgerOutcome.Applied or LedgerOutcome.AlreadyApplied when operation.Settles is { } charge:
                Assert.Equal(model.Net(charge), -result.Amount);
                Assert.InRange(-result.Amount, 0, -model.Rows[charge].Amount);
                break;
            case LedgerOutcome.Applied or LedgerOutcome.AlreadyApplied:
                var row = model.Rows[operation.TransactionKey];
                Assert.Equal((row.Amount, row.RunningBalance, row.Sequence, row.Shortfall), (result.Amount, result.Balance, result.Sequence, result.Shortfall));
                break;
            case LedgerOutcome.Insufficient:
                Assert.True(result.Balance + operation.Amount < 0, $"{operation.TransactionKey} was refused with a balance of {result.Balance}.");
                break;
            case LedgerOutcome.OverBudget:
                Assert.True(result.BudgetSpent - operation.Amount > operation.Budget!.MaxCredits, $"{operation.TransactionKey} was refused with {result.BudgetSpent} of its budget spent.");
                break;
            default:
                Assert.Fail($"{operation.TransactionKey} was answered {result.Outcome}.");
                break;
        }
    }

    private LedgerOperation Any(Random random, int number)
    {
        var operation = new LedgerOperation { TransactionKey = string.Create(CultureInfo.InvariantCulture, $"key {number}"), Type = LedgerType.Usage, Amount = -random.Next(1, 30) };
        return random.Next(10) switch
        {
            0 => operation with { Type = LedgerType.Grant, Amount = random.Next(1, 60) },
            1 => operation with { Type = LedgerType.TopUp, Amount = random.Next(1, 60) },
            // What an administrator takes.
            2 => operation with { Type = LedgerType.Grant },
            3 => operation with { Type = LedgerType.Refund, Amount = -random.Next(1, 80), TakeWhatIsThere = true },
            4 => new LedgerOperation { TransactionKey = $"month {random.Next(2)}", Type = LedgerType.Grant, RaiseTo = 70 },
            5 or 6 => operation with { Reserves = true, TransactionKey = Guid.NewGuid().ToString(), Budget = random.Next(2) == 0 ? _budgets[random.Next(2)] : null },
            7 => operation with { Budget = _budgets[random.Next(2)] },
            8 when random.Next(3) == 0 => operation with { TransactionKey = BadKey },
            _ => operation,
        };
    }

    private async Task WorkAsync(Random random)
    {
        while (_work.TryDequeue(out var item))
        {
            var result = await AnswerAsync(item.User, item.Operation, random);
            if (!item.Operation.Reserves || result is not { Outcome: LedgerOutcome.Applied or LedgerOutcome.AlreadyApplied }) continue;
            // An attempt that is repeated has measured something else.
            var settlement = new LedgerOperation
            {
                TransactionKey = LedgerKeys.SettlementOf(item.Operation.TransactionKey),
                Type = LedgerType.Usage,
                Settles = item.Operation.TransactionKey,
                Amount = -random.Next(0, 36),
            };
            await AnswerAsync(item.User, settlement, random);
        }
    }

    /// <summary>Asks any silo until one has answered. Null when the operation can never be written.</summary>
    private async Task<LedgerResult?> AnswerAsync(string user, LedgerOperation operation, Random random)
    {
        while (true)
        {
            var silo = Silo(random.Next(2));
            var applying = silo.Writer.ApplyAsync(user, operation);
            if (await Task.WhenAny(applying, silo.Died) != applying) continue;
            try
            {
                var result = await applying;
                events.Add(result.Outcome.ToString());
                _answers.Add((user, operation, result));
                return result;
            }
            catch (IOException)
            {
                // Whether it was written is not known: it is asked for again.
                events.Add("unknown");
            }
            catch (Exception exception) when (StorageFaults.IsBadData(exception) && operation.TransactionKey == BadKey)
            {
                return null;
            }
        }
    }

    /// <summary>A silo that lives: one that has died is started again.</summary>
    private SimulatedSilo Silo(int number)
    {
        lock (_gate)
        {
            if (_silos[number] is { Died.IsCompleted: false } living) return living;
            var silo = _silos[number] = new SimulatedSilo(pools, new Random((seed * 17) + _started.Count), events);
            _started.Add(silo);
            return silo;
        }
    }
}

/// <summary>The connections of silos. Those of a silo that has died are closed, as those of a killed process, and those of the others are used by later ones.</summary>
/// <param name="connectionString">The database.</param>
internal sealed class SimulatedPools(string connectionString) : IAsyncDisposable
{
    private readonly ConcurrentBag<NpgsqlDataSource> _unused = [];
    private readonly NpgsqlDataSource _killer = NpgsqlDataSource.Create(connectionString);
    private int _made;

    public NpgsqlDataSource Take() => _unused.TryTake(out var source)
        ? source
        : ConnectionStrings.CreateDataSource(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = $"simulated silo {Interlocked.Increment(ref _made)}" }.ConnectionString);

    /// <summary>Ends the sessions of a silo, wherever its transactions are.</summary>
    public async Task KillAsync(NpgsqlDataSource source)
    {
        await using var kill = _killer.CreateCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1");
        kill.Parameters.AddWithValue(new NpgsqlConnectionStringBuilder(source.ConnectionString).ApplicationName!);
        await kill.ExecuteNonQueryAsync();
    }

    public void Return(NpgsqlDataSource source) => _unused.Add(source);

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _unused) await source.DisposeAsync();
        await _killer.DisposeAsync();
    }
}

/// <summary>A silo: a writer, on a store that fails and dies.</summary>
internal sealed class SimulatedSilo : ILedgerStore, IDisposable
{
    private readonly SimulatedPools _pools;
    private readonly NpgsqlDataSource _source;
    private readonly LedgerStore _store;
    private readonly Random _random;
    private readonly SimulatedEvents _events;
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SimulatedSilo(SimulatedPools pools, Random random, SimulatedEvents events)
    {
        (_pools, _random, _events) = (pools, random, events);
        _source = pools.Take();
        _store = new LedgerStore(new Database(_source), new LedgerOptions());
        Writer = new LedgerWriter(this, new LedgerOptions { MaxBatchOperations = random.Next(1, 9) }, TimeProvider.System);
    }

    public LedgerWriter Writer { get; }

    /// <summary>Ends when the silo dies; what it has not answered then is never answered.</summary>
    public Task Died => _died.Task;

    public void Dispose()
    {
        if (Died.IsCompleted) _source.Dispose();
        else _pools.Return(_source);
    }

    public async Task<IReadOnlyList<IReadOnlyList<LedgerResult>>> ApplyAsync(IReadOnlyList<WalletOperations> wallets, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var fault = _random.Next(100) switch
        {
            < 8 => SimulatedFault.FailsBefore,
            < 16 => SimulatedFault.FailsAfter,
            < 20 => SimulatedFault.Dies,
            _ => SimulatedFault.None,
        };
        _events.Add(fault.ToString());
        if (fault == SimulatedFault.FailsBefore) throw new IOException("The connection is broken.");
        var applying = _store.ApplyAsync(wallets, at, CancellationToken.None);
        if (fault == SimulatedFault.Dies) await DieAsync(applying);
        var results = await applying;
        return fault == SimulatedFault.FailsAfter ? throw new IOException("The connection is broken.") : results;
    }

    public Task<Wallet> WalletAsync(string userId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetAutoTopUpAsync(string userId, long threshold, long credits, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LedgerRow?> FindAsync(string userId, string transactionKey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<LedgerRow>> FindAllAsync(string userId, IReadOnlyCollection<string> transactionKeys, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<LedgerRow>> HistoryAsync(string userId, LedgerQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// Ends the silo somewhere in its transaction: its sessions are gone before anybody hears of its death, as those of a killed process. Whether a commit that it had sent took
    /// effect is open.
    /// </summary>
    private async Task DieAsync(Task applying)
    {
        for (var turns = _random.Next(400); turns > 0 && !applying.IsCompleted; turns--) await Task.Yield();
        await _pools.KillAsync(_source);
        await applying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _died.SetResult();
        await new TaskCompletionSource().Task;
    }
}
