using FsCheck;
using FsCheck.Fluent;
using Grainflow.Storage.Billing;

namespace Grainflow.Storage.Tests.Billing;

public sealed class LedgerRuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void The_balance_is_never_negative_and_always_the_sum_of_the_amounts() =>
        Prop.ForAll(Operations().ToArbitrary(), operations =>
        {
            var page = Page(new Wallet("user", 0, 0, null), []);
            foreach (var operation in operations)
                page.Apply(operation);
            return page.Wallet.Balance == page.NewRows.Sum(row => row.Amount)
                && page.NewRows.All(row => row.RunningBalance >= 0 && row.Shortfall >= 0)
                && page.NewRows.Select(row => row.Sequence).SequenceEqual(Enumerable.Range(1, page.NewRows.Count).Select(i => (long)i));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Repeating_everything_that_was_applied_changes_nothing() =>
        Prop.ForAll(Operations().ToArbitrary(), operations =>
        {
            var first = Page(new Wallet("user", 0, 0, null), []);
            var applied = operations.Where(operation => first.Apply(operation).Outcome == LedgerOutcome.Applied).ToList();
            var again = Page(first.Wallet, first.NewRows);
            return applied.All(operation => again.Apply(operation).Outcome == LedgerOutcome.AlreadyApplied)
                && again.NewRows.Count == 0
                && again.Wallet == first.Wallet;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void A_budget_has_what_its_charges_took_less_what_their_settlements_gave_back() =>
        Prop.ForAll(BudgetedOperations().ToArbitrary(), operations =>
        {
            var page = Page(new Wallet("user", 400, 0, null), []);
            foreach (var operation in operations) page.Apply(operation);
            return page.Budgets.All(budget =>
                budget.Spent >= 0
                && budget.Spent <= budget.MaxCredits
                && budget.Spent == -page.NewRows.Where(row => row.BudgetId == budget.RootRunId).Sum(row => row.Amount));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Batches_that_are_cut_anywhere_give_what_one_batch_gives() =>
        Prop.ForAll(BudgetedOperations().ToArbitrary(), Gen.Choose(0, 20).ToArbitrary(), (operations, cut) =>
        {
            var whole = Page(new Wallet("user", 400, 0, null), []);
            var expected = operations.Select(whole.Apply).ToList();
            var first = Page(new Wallet("user", 400, 0, null), []);
            var results = operations.Take(cut).Select(first.Apply).ToList();
            var second = Page(first.Wallet, first.NewRows, first.Budgets);
            results.AddRange(operations.Skip(cut).Select(second.Apply));
            return results.SequenceEqual(expected) && second.Wallet == whole.Wallet;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static LedgerPage Page(Wallet wallet, IReadOnlyList<LedgerRow> recorded, params IEnumerable<LedgerBudgetRow> budgets) =>
        new(wallet, recorded, budgets.ToDictionary(budget => budget.RootRunId), Now, new LedgerOptions());

    private static Gen<LedgerOperation[]> Operations()
    {
        var operation =
            from key in Gen.Choose(0, 30)
            from kind in Gen.Choose(0, 3)
            from amount in Gen.Choose(-100, 100)
            select new LedgerOperation
            {
                TransactionKey = $"{key}",
                Type = kind == 0 ? LedgerType.Grant : LedgerType.Usage,
                Amount = amount,
                RaiseTo = kind == 1 ? Math.Abs(amount) : null,
                TakeWhatIsThere = kind == 2,
            };
        return operation.ArrayOf();
    }

    private static Gen<LedgerOperation[]> BudgetedOperations()
    {
        var budgets = new[] { new LedgerBudget(Guid.NewGuid(), 60), new LedgerBudget(Guid.NewGuid(), 25) };
        var charge =
            from key in Gen.Choose(0, 12)
            from amount in Gen.Choose(1, 20)
            from budget in Gen.Choose(0, 2)
            select new LedgerOperation
            {
                TransactionKey = $"{key}",
                Type = LedgerType.Usage,
                Amount = -amount,
                Reserves = true,
                Budget = budget < 2 ? budgets[budget] : null,
            };
        var settlement =
            from key in Gen.Choose(0, 12)
            from amount in Gen.Choose(0, 25)
            select new LedgerOperation { TransactionKey = LedgerKeys.SettlementOf($"{key}"), Type = LedgerType.Usage, Settles = $"{key}", Amount = -amount };
        return Gen.Frequency((3, charge), (1, settlement)).ArrayOf();
    }
}
