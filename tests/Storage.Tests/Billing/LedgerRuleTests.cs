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
            var page = new LedgerPage(new Wallet("user", 0, 0, null), [], Now);
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
            var first = new LedgerPage(new Wallet("user", 0, 0, null), [], Now);
            var applied = operations.Where(operation => first.Apply(operation).Outcome == LedgerOutcome.Applied).ToList();
            var again = new LedgerPage(first.Wallet, first.NewRows, Now);
            return applied.All(operation => again.Apply(operation).Outcome == LedgerOutcome.AlreadyApplied)
                && again.NewRows.Count == 0
                && again.Wallet == first.Wallet;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

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
}
