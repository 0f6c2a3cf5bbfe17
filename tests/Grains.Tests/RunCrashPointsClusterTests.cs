using System.Reflection;
using System.Runtime.CompilerServices;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.CrashPoints;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests;

/// <summary>At every numbered point of the path of a run a silo dies that is not the caller's, and the run ends as it would have without.</summary>
public sealed class RunCrashPointsClusterTests(CrashPointProof proof) : IClassFixture<CrashPointProof>
{
    /// <summary>The steps after which a silo dies each time that the tests run: what an outsider notices, and what the run goes on from.</summary>
    private static readonly string[] s_often =
    [
        "IRunStore.CreateAsync", "IExecutionLog.Append run_started", "ILedgerStore.ApplyAsync USAGE", "IOutgoingHttp.SendAsync", "IExecutionLog.Append node_ended",
        "IExecutionLog.Append run_ended",
    ];

    public static TheoryData<int, string> Often => DataOf(RunSteps.Points.Where(point => point.IsAfter && s_often.Contains(point.Step.Name, StringComparer.Ordinal)));

    public static TheoryData<int, string> All => DataOf(RunSteps.Points);

    [Theory]
    [MemberData(nameof(Often))]
    public Task A_silo_dies_at_a_point_that_is_tried_each_time(int point, string named) => A_silo_dies_at_every_point(point, named);

    [Theory(Explicit = true)]
    [MemberData(nameof(All))]
    public Task A_silo_dies_at_every_point(int point, string named)
    {
        Assert.Equal(new RunCrashPoint(point).ToString(), named);
        return proof.KillAtAsync(new RunCrashPoint(point));
    }

    /// <summary>A new method of a store or of a grain has to be numbered, or listed with the reason why runs do not depend on it.</summary>
    [Fact]
    public void Every_store_method_and_every_call_out_has_a_number_or_a_reason()
    {
        var stores = typeof(IRunStore).Assembly.GetTypes().Where(type => type.IsInterface);
        var grains = typeof(IGraphExecutionGrain).Assembly.GetTypes().Where(type => type.IsInterface);
        var methods = stores.Concat(grains).Concat([typeof(IOutgoingHttp), typeof(IChatModels)]).SelectMany(type => type.GetMethods().SelectMany(method => NamesOf(type, method)));

        Assert.Equal(
            methods.Order(StringComparer.Ordinal),
            RunSteps.All.Select(step => step.Name).Concat(RunSteps.Beside.Keys).Concat(RunSteps.Elsewhere.Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_step_that_runs_take_has_a_number_and_every_number_is_reached()
    {
        foreach (var work in Enum.GetValues<RunWork>())
        {
            var numbered = RunSteps.All.Where(step => step.Work == work).Select(step => step.Name).ToList();
            var passed = new HashSet<string>(StringComparer.Ordinal);
            // A run may notice by itself what the work waits for, and pass by a step.
            for (var tries = 0; tries < 10 && !numbered.TrueForAll(passed.Contains); tries++) passed.UnionWith(await proof.RecordAsync(work));

            Assert.Equal([], numbered.Except(passed));
            Assert.Equal([], passed.Except(RunSteps.All.Select(step => step.Name)).Except(RunSteps.Beside.Keys));
        }
    }

    private static TheoryData<int, string> DataOf(IEnumerable<RunCrashPoint> points) => [.. points.Select(point => (point.Number, point.ToString()))];

    private static IEnumerable<string> NamesOf(Type type, MethodInfo method)
    {
        var name = $"{type.Name}.{method.Name}";
        return name switch
        {
            "IExecutionLog.Append" => typeof(RunEvent).GetNestedTypes().Select(kind => $"{name} {RunEventCodec.Kind((RunEvent)RuntimeHelpers.GetUninitializedObject(kind))}"),
            "ILedgerStore.ApplyAsync" => typeof(LedgerType).GetFields().Select(kind => $"{name} {kind.GetRawConstantValue()}"),
            _ => [name],
        };
    }
}
