using System.Text;
using Grainflow.Storage.Steps;

namespace Grainflow.Storage.Tests.Steps;

public sealed class NodeStepStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly NodeStepStore _store = new(fixture.Source);
    private readonly Guid _node = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Steps_are_read_in_their_order_as_they_were_recorded()
    {
        await RecordAsync(2, "tool", """{"n":5.0}""");
        await RecordAsync(1, "model", "\"ü\"");

        Assert.Equal([(1, "model", "\"ü\""), (2, "tool", """{"n":5.0}""")], await ReadAsync(_node));
        Assert.Empty(await ReadAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Of_two_attempts_that_do_a_step_the_first_that_records_it_counts_for_both()
    {
        Assert.Equal("1", await RecordAsync(1, "tool", "1"));
        Assert.Equal("1", await RecordAsync(1, "tool", "2"));
    }

    [Fact]
    public async Task The_steps_of_a_node_that_has_ended_are_removed_and_those_of_others_stay()
    {
        var other = Guid.NewGuid();
        await RecordAsync(1, "tool", "1");
        await _store.RecordAsync(other, new NodeStep(1, "tool", "1"u8.ToArray()), Now, Token);

        await _store.ForgetAsync(_node, Now.AddDays(1), Token);

        Assert.Empty(await ReadAsync(_node));
        Assert.Single(await ReadAsync(other));
    }

    private async Task<string> RecordAsync(int number, string kind, string json) => Encoding.UTF8.GetString((await _store.RecordAsync(_node, new NodeStep(number, kind, Encoding.UTF8.GetBytes(json)), Now, Token)).Result.Span);

    private async Task<List<(int, string, string)>> ReadAsync(Guid node) => [.. (await _store.ReadAsync(node, Token)).Select(step => (step.Number, step.Kind, Encoding.UTF8.GetString(step.Result.Span)))];
}
