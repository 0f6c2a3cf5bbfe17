using System.Globalization;
using System.Text;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations;

/// <summary>
/// Work that a vendor does in the background. Its id is kept in the files of the run as soon as it is known, so that an attempt which is repeated after a crash waits for the work of
/// the attempt before and does not order it again. It is ordered twice only when the process dies between the vendor's answer and the keeping of the id, because these vendors take no
/// key by which they would recognise the second order.
/// </summary>
/// <param name="client">The vendor.</param>
/// <param name="name">The name of the work in file names, for example <c>replicate</c>.</param>
internal sealed class ApiJob(ApiClient client, string name)
{
    private string File => $"{client.Context.NodeExecutionId}.{name}-job";

    /// <summary>The id of the work: that of an earlier attempt, or of a new order.</summary>
    /// <param name="order">Orders the work and returns its id.</param>
    /// <param name="cancellationToken">Cancels the order.</param>
    /// <exception cref="BlockException">The order failed, or its id cannot be kept.</exception>
    public async Task<string> OrderAsync(Func<Task<string>> order, CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is { } earlier) return earlier;
        var id = await order();
        try
        {
            await client.Context.Files.SaveAsync(File, Encoding.UTF8.GetBytes(id), cancellationToken);
            return id;
        }
        catch (InvalidOperationException e)
        {
            throw new BlockException($"The job '{id}' was ordered, but its id cannot be kept: {e.Message}", e);
        }
    }

    /// <summary>Asks again and again until there is an answer.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="ask">Asks once; null when the work goes on.</param>
    /// <param name="pause">The time between two questions.</param>
    /// <param name="limit">The time after which the block fails; the work goes on at the vendor then.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="BlockException">The time is over.</exception>
    public async Task<T> WaitAsync<T>(Func<Task<T?>> ask, TimeSpan pause, TimeSpan limit, CancellationToken cancellationToken)
        where T : struct
    {
        var clock = client.Context.Clock;
        for (var started = clock.GetTimestamp(); ;)
        {
            if (await ask() is { } answer) return answer;
            if (clock.GetElapsedTime(started) >= limit)
                throw new BlockException($"The job of {name} did not end within {limit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} seconds");
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    private async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Encoding.UTF8.GetString((await client.Context.Files.ReadAsync(File, cancellationToken)).Span);
        }
        catch (FileNotFoundException)
        {
            // The usual case: this is the first attempt.
            return null;
        }
    }
}
