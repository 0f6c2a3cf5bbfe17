using System.Text;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Execution;

namespace Grainflow.Grains.Tests;

public sealed class RunRowsTests
{
    [Fact]
    public void The_statistics_of_a_run_are_written_with_the_names_of_the_API_and_all_of_them()
    {
        Assert.Equal(
            """{"cost":0,"duration":0,"duration_cpu_only":0,"node_exec_time":0,"node_exec_time_cpu_only":0,"node_exec_count":0,"node_error_count":0}""",
            Encoding.UTF8.GetString(RunRows.Stats(new RunStats())));
        Assert.Equal(
            """{"cost":7,"duration":1.5,"duration_cpu_only":1E-07,"node_exec_time":2,"node_exec_time_cpu_only":0.1,"node_exec_count":3,"node_error_count":1}""",
            Encoding.UTF8.GetString(RunRows.Stats(new RunStats { Cost = 7, Duration = 1.5, DurationCpuOnly = 1e-7, NodeExecTime = 2, NodeExecTimeCpuOnly = 0.1, NodeExecCount = 3, NodeErrorCount = 1 })));
    }
}
