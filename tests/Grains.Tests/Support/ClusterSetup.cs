using Grainflow.Storage.Execution;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Support;

/// <summary>What is special about the cluster of one test.</summary>
internal sealed class ClusterSetup
{
    /// <summary>The clock of grains, blocks and stores; the runtime's own loops keep the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public Action<GrainflowOptions>? Options { get; init; }

    public Action<ExecutionLogOptions>? LogOptions { get; init; }

    /// <summary>Puts services in the place of the usual ones.</summary>
    public Action<IServiceCollection>? Services { get; init; }
}
