using Grainflow.Engine.Execution;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Semantics section 0: ids are UUIDs of version 4.</summary>
public sealed class NodeExecutionIdsTests
{
    [Fact]
    public void Ids_have_the_shape_of_version_4()
    {
        Assert.All(Enumerable.Range(0, 1_000).Select(ordinal => NodeExecutionIds.Derive(TestRun.Id, ordinal)).Append(NodeExecutionIds.ChildRun(TestRun.Id)), id =>
        {
            Assert.Equal((4, 2), (id.Version, id.Variant >> 2));
        });
    }

    [Fact]
    public void Ids_never_change_because_logs_and_charges_name_them()
    {
        Assert.Equal("8d98b5f3-2c2f-43f4-bf64-bcd8f42269aa", NodeExecutionIds.Derive(TestRun.Id, 0).ToString());
        Assert.Equal("978ee944-dfa2-444b-b51d-68786df96bea", NodeExecutionIds.Derive(TestRun.Id, 1).ToString());
        Assert.Equal("ff0935ab-2131-44fc-97bc-fbd908d6a148", NodeExecutionIds.ChildRun(TestRun.Id).ToString());
    }

    [Fact]
    public void Ids_differ_between_runs_ordinals_and_purposes()
    {
        var other = new Guid(9, 8, 7, new byte[8]);
        var ids = new[] { TestRun.Id, other }.SelectMany(run => Enumerable.Range(0, 1_000).Select(ordinal => NodeExecutionIds.Derive(run, ordinal)).Append(NodeExecutionIds.ChildRun(run))).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
    }
}
