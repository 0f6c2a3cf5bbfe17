using System.Collections.Immutable;
using System.Threading.Channels;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Scheduling;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>A listener that keeps what it hears.</summary>
internal sealed class ObservedRuns : ILogObserver
{
    private readonly Channel<LogAdvanced> _heard = Channel.CreateUnbounded<LogAdvanced>();

    private readonly Channel<string?> _progress = Channel.CreateUnbounded<string?>();

    public ChannelReader<LogAdvanced> Heard => _heard.Reader;

    /// <summary>The steps of onboarding that were completed, and null for runs that were counted.</summary>
    public ChannelReader<string?> Progress => _progress.Reader;

    public Task PartialAdvanced(PartialOutput partial) => Task.CompletedTask;

    public Task LogsAdvanced(ImmutableArray<LogAdvanced> notices)
    {
        foreach (var notice in notices) _heard.Writer.TryWrite(notice);
        return Task.CompletedTask;
    }

    public Task SchedulesNoticed(ImmutableArray<ScheduleNotice> notices) => Task.CompletedTask;

    public Task OnboardingNoticed(string? step)
    {
        _progress.Writer.TryWrite(step);
        return Task.CompletedTask;
    }
}
