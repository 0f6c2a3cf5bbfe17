using System.Globalization;
using Grainflow.Gateway.Hosting;
using Grainflow.Grains;
using Grainflow.Grains.Hosting;
using Microsoft.Extensions.Options;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// The first part of a server's stop, before its host stops: it refuses new runs, dispatches nothing, and waits until the blocks that are under way have ended
/// (DESIGN section 5, "Leaving"). What is still under way afterwards is interrupted by the stop of the host and runs again.
/// </summary>
/// <param name="readiness">Whether new runs are accepted.</param>
/// <param name="options">How long to wait.</param>
/// <param name="draining">The blocks of the silo; null in a gateway without one.</param>
internal sealed class ServerDrain(Readiness readiness, IOptions<GrainflowOptions> options, Draining? draining = null)
{
    /// <summary>Drains, and says on standard error what is waited for.</summary>
    /// <param name="cutShort">Ends the wait, because the server must not go on.</param>
    public async Task RunAsync(CancellationToken cutShort)
    {
        readiness.Leave();
        var blocks = draining?.Begin() ?? 0;
        var limit = options.Value.ShutdownDrain;
        if (draining is null || blocks == 0 || limit == TimeSpan.Zero)
        {
            Console.Error.WriteLine("Stopping ...");
            return;
        }

        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Stopping: waits up to {limit.TotalSeconds:0} s for {blocks} {(blocks == 1 ? "block" : "blocks")} under way; a second signal ends at once."));
        await draining.WaitForBlocksAsync(limit, cutShort);
    }
}
