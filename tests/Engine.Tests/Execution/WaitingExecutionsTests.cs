using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Values go to the executions that the rule names, which is written down here as it was before it was made fast.</summary>
public sealed class WaitingExecutionsTests
{
    private static readonly string[] Pins = ["a", "b", "c", "d"];

    [Fact]
    public void Every_value_goes_to_the_first_execution_that_lacks_its_pin_in_whatever_order_values_come_and_executions_complete()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var waiting = new WaitingExecutions();
            var naive = new List<NodeExecution>();
            var created = 0;
            for (var step = 0; step < 200; step++)
            {
                var pin = Pins[random.Next(Pins.Length)];
                var expected = naive.Find(candidate => !candidate.Input.ContainsKey(pin));
                var execution = waiting.ReserveFirstWithout(pin);
                Assert.Same(expected, execution);
                if (execution is null)
                {
                    var added = new NodeExecution(new Guid(created, 0, 0, new byte[8]), created++, "n", TestRun.Begin);
                    naive.Add(added);
                    waiting.Add(added);
                    execution = waiting.ReserveFirstWithout(pin)!;
                    Assert.Same(added, execution);
                }

                execution.Input[pin] = JsonValues.From(step);
                // Complete ones leave; now and then another one does, as when a static value completes it.
                if (execution.Input.Count == Pins.Length) Remove(execution);
                if (naive.Count > 0 && random.Next(5) == 0) Remove(naive[random.Next(naive.Count)]);
                if (random.Next(50) == 0) waiting = Restored(naive);
                Assert.Equal(naive, waiting.All);

                void Remove(NodeExecution complete)
                {
                    naive.Remove(complete);
                    waiting.Remove(complete);
                }
            }
        }
    }

    /// <summary>As after a restart: all are added with the pins that they have.</summary>
    private static WaitingExecutions Restored(List<NodeExecution> naive)
    {
        var waiting = new WaitingExecutions();
        foreach (var execution in naive) waiting.Add(execution);
        return waiting;
    }
}
