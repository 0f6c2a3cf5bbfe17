using Grainflow.Grains.Hosting;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Scheduling;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Reviews;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>The services that the parts of a run grain share; one object for all runs of a silo.</summary>
internal sealed record RunServices(
    RunFactory Factory,
    RunLoader Loader,
    NodeWorkFactory Work,
    SiloAttempts Attempts,
    SiloIdentity Silo,
    ISiloLiveness Liveness,
    Draining Draining,
    RunSlots Slots,
    SiloLoads Loads,
    LogAdvancedPublisher Publisher,
    ScheduleNotices Schedules,
    IReviewStore Reviews,
    ExecutionMetrics Metrics,
    IGrainFactory Grains,
    IOptions<GrainflowOptions> Options,
    TimeProvider Clock,
    ILogger<GraphExecutionGrain> Logger);
