using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Execution;

/// <summary>Makes the <see cref="PartialText"/>s of this silo, and sends their notices to the listeners of the user.</summary>
internal sealed partial class PartialTexts(IClusterClient client, TimeProvider clock, ILogger<PartialTexts> logger)
{
    /// <summary>The partial text of an attempt; null for a tool that runs in the place of another node, which nobody can watch.</summary>
    public PartialText? Of(NodeAttempt attempt) => attempt.Parent is null ? new PartialText(attempt, notice => PublishAsync(attempt.Work.UserId, notice), clock) : null;

    private async Task<bool> PublishAsync(string userId, PartialOutput notice)
    {
        try
        {
            return await client.GetGrain<ILogListenersGrain>(userId).PublishPartial(notice);
        }
        catch (Exception exception)
        {
            // It is lost; the next one has its text too.
            NotPublished(exception, notice.NodeExecutionId);
            return false;
        }
    }

    [LoggerMessage(1104, LogLevel.Debug, "A partial text of node execution {NodeExecutionId} could not be sent.")]
    private partial void NotPublished(Exception exception, Guid nodeExecutionId);
}
