using Grainflow.Grains.Monitoring;
using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Support;

/// <summary>What is special about the cluster of one test.</summary>
internal sealed class ClusterSetup
{
    /// <summary>The clock of grains, blocks and stores; the runtime's own loops keep the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How many silos; one is enough unless messages must cross from one to another.</summary>
    public short Silos { get; init; } = 1;

    /// <summary>Whether the test hears of each commit, which <see cref="GrainCluster.UntilAsync"/> needs. A run that somebody listens to holds no commit back.</summary>
    public bool Listens { get; init; } = true;

    /// <summary>Whether the silos supervise the runs, as servers do: every quarter of a second, and when a silo dies.</summary>
    public bool Supervises { get; init; }

    /// <summary>Whether the silos have the tasks of the platform, as servers do. They run when a test asks them to, unless <see cref="Tasks"/> enables them.</summary>
    public bool HasTasks { get; init; }

    public Action<SystemTaskOptions>? Tasks { get; init; }

    /// <summary>The clock of reminders alone, or null for the system's.</summary>
    public TimeProvider? ReminderClock { get; init; }

    /// <summary>Watches the steps of the silos and cuts one off at a chosen one, or null.</summary>
    public CrashPoints.StepWatch? Steps { get; init; }

    public Action<GrainflowOptions>? Options { get; init; }

    public Action<ExecutionLogOptions>? LogOptions { get; init; }

    /// <summary>Puts services in the place of the usual ones.</summary>
    public Action<IServiceCollection>? Services { get; init; }
}
