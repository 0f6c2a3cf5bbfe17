using System.Reflection;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Contract;

public sealed class ComputationTests
{
    [Fact]
    public void A_computation_is_told_ids_the_clock_and_the_time_zone_and_nothing_else()
    {
        var members = typeof(ComputationContext).GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .OfType<PropertyInfo>().Select(property => $"{property.PropertyType.Name} {property.Name}").Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "Int32 GraphVersion", "String GraphId", "String NodeExecutionId", "String NodeId", "String RunId", "String UserId", "String UserTimeZone", "TimeProvider Clock",
            ],
            members);
    }

    [Fact]
    public void Whether_a_block_is_effect_free_cannot_be_said_by_a_constructor()
    {
        var constructors = typeof(Block<,>).GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);

        Assert.DoesNotContain(constructors.SelectMany(constructor => constructor.GetParameters()), parameter => parameter.ParameterType == typeof(bool));
    }

    [Fact]
    public void A_block_that_computes_cannot_override_the_method_that_is_given_the_full_context()
    {
        var method = typeof(PureBlock<,>).GetMethods(BindingFlags.NonPublic | BindingFlags.Instance)
            .Single(candidate => candidate.Name == "RunAsync" && candidate.GetParameters()[1].ParameterType == typeof(BlockContext));

        Assert.True(method.IsFinal);
    }

    [Fact]
    public async Task A_computation_is_given_the_ids_and_the_time_zone_of_its_run()
    {
        ComputationContext? seen = null;
        var run = new TestRun(JsonValues.Parse("""{"user_timezone": "Europe/Berlin", "graph_id": "graph-7"}"""));

        await run.RunAsync(new Computation(context =>
        {
            seen = context;
            return 1;
        }), JsonValues.EmptyObject);

        Assert.NotNull(seen);
        Assert.Equal(("user-1", "graph-7", 1, "run-1"), (seen.UserId, seen.GraphId, seen.GraphVersion, seen.RunId));
        Assert.Equal(("node-1", "node-execution-1", "Europe/Berlin"), (seen.NodeId, seen.NodeExecutionId, seen.UserTimeZone));
        Assert.Same(run.Context.Clock, seen.Clock);
    }

    [Theory]
    [InlineData(true, BlockFailureKind.Execution)]
    [InlineData(false, BlockFailureKind.Unknown)]
    public void A_computation_that_fails_says_where(bool foreseen, BlockFailureKind kind)
    {
        var block = new Computation(_ => throw (foreseen ? new BlockException("cannot") : new InvalidOperationException("cannot")));

        var failure = Assert.Throws<BlockFailedException>(() => BlockRunner.Compute(block, JsonValues.EmptyObject, new TestRun().Context.ForComputation(), CancellationToken.None).ToList());

        Assert.Equal((kind, "cannot"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public void A_computation_ends_at_its_next_output_when_its_run_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var computed = 0;
        var block = new Computation(_ =>
        {
            if (++computed == 2) stop.Cancel();
            return computed;
        });

        Assert.Throws<OperationCanceledException>(() => BlockRunner.Compute(block, JsonValues.EmptyObject, new TestRun().Context.ForComputation(), stop.Token).Take(100).ToList());

        Assert.Equal(2, computed);
    }

    [Block("00000000-0000-4000-8000-0000000000c0", "Gives numbers without end.")]
    private sealed class Computation(Func<ComputationContext, long> next) : PureBlock<Computation.Input, Computation.Output>
    {
        protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
        {
            for (var i = 0; i < 1000; i++) yield return Emit(nameof(Output.Number), next(context));
        }

        internal sealed record Input;

        internal sealed record Output : BlockResult
        {
            public required long Number { get; init; }
        }
    }
}
