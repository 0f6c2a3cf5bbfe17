using System.Text;
using Grainflow.Engine.Execution;

namespace Grainflow.Engine.Tests.Execution;

public sealed class RunStatsJsonTests
{
    [Fact]
    public void The_statistics_of_a_run_are_written_with_the_names_of_the_API_and_all_of_them()
    {
        Assert.Equal(
            """{"cost":0,"duration":0,"duration_cpu_only":0,"node_exec_time":0,"node_exec_time_cpu_only":0,"node_exec_count":0,"node_error_count":0,"warnings":[]}""",
            Json(new RunStats(), RunWarnings.None));
        Assert.Equal(
            """{"cost":7,"duration":1.5,"duration_cpu_only":1E-07,"node_exec_time":2,"node_exec_time_cpu_only":0.1,"node_exec_count":3,"node_error_count":1,"warnings":[]}""",
            Json(new RunStats { Cost = 7, Duration = 1.5, DurationCpuOnly = 1e-7, NodeExecTime = 2, NodeExecTimeCpuOnly = 0.1, NodeExecCount = 3, NodeErrorCount = 1 }, RunWarnings.None));
    }

    [Fact]
    public void The_reason_of_a_failure_is_written_when_there_is_one() => Assert.Equal(
        """{"cost":0,"duration":0,"duration_cpu_only":0,"node_exec_time":0,"node_exec_time_cpu_only":0,"node_exec_count":0,"node_error_count":0,"failure_reason":"budget_exceeded","warnings":[]}""",
        Json(new RunStats { FailureReason = RunFailures.BudgetExceeded }, RunWarnings.None));

    [Fact]
    public void A_warning_is_written_with_what_it_has_and_with_its_sentence()
    {
        var warnings = RunWarnings.Of(
            [
                new RunWarning { Kind = RunWarningKind.NeverRan, NodeId = "n", Node = "Join", MissingPins = ["b"], WaitingCount = 2 },
                new RunWarning { Kind = RunWarningKind.NodeFailed, NodeId = "a", Node = "Agent", Error = "boom", Path = [new AgentStep("g", "Inner", "x", "Fetch")] },
                RunWarning.Refused(["out", "out"], 2, "too large") with { NodeId = "n", Node = "Join" },
            ],
            omitted: 4, leftovers: 5);

        Assert.EndsWith(
            ""","warnings":["""
            + """{"kind":"never_ran","node_id":"n","node":"Join","missing_pins":["b"],"waiting_count":2,"message":"Node n (Join) never ran: nothing arrived on 'b', and 2 executions waited for it."},"""
            + """{"kind":"node_failed","node_id":"a","node":"Agent","path":[{"graph_id":"g","agent":"Inner","node_id":"x","node":"Fetch"}],"error":"boom","message":"Node x (Fetch) in sub-agent 'Inner' of node a (Agent) failed: boom"},"""
            + """{"kind":"output_refused","node_id":"n","node":"Join","output_pins":["out"],"output_count":2,"error":"too large","message":"Node n (Join) lost 2 outputs on 'out': too large"}"""
            + """],"warnings_omitted":4,"leftover_count":5}""",
            Json(new RunStats(), warnings), StringComparison.Ordinal);
    }

    private static string Json(RunStats stats, RunWarnings warnings) => Encoding.UTF8.GetString(RunStatsJson.ToUtf8(stats, warnings));
}
