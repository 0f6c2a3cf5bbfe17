using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster that lives inside of the test process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private int _stopped;

    /// <summary>The host of the silo.</summary>
    public IHost SiloHost { get; init; } = null!;

    /// <summary>The services of the silo.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <inheritdoc/>
    public override bool IsActive => _stopped == 0;

    internal Silo Silo => field ??= SiloHost.Services.GetRequiredService<Silo>();

    /// <inheritdoc/>
    public override async Task StopSiloAsync(bool stopGracefully)
    {
        if (!stopGracefully) Silo.Kill();
        await StopSiloAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        await SiloHost.StopAsync(ct);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(stopGracefully: true);
        if (SiloHost is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Silo.Kill();
            SiloHost.Dispose();
        }

        base.Dispose(disposing);
    }
}
