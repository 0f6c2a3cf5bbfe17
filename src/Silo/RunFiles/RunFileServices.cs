using Grainflow.Gateway.Files;
using Grainflow.Grains;
using Grainflow.Grains.Monitoring;
using Grainflow.Storage.RunFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grainflow.Silo.RunFiles;

/// <summary>Registers the files of runs.</summary>
internal static class RunFileServices
{
    /// <summary>Adds <see cref="SharedRunFiles"/> and what deletes files that are not needed any more. A server does that as a task of the platform; a command adds <see cref="RunFileSweeping"/>.</summary>
    /// <param name="services">The services, with the stores.</param>
    /// <param name="dataFolder">The folder whose <c>files</c> holds files on disk.</param>
    /// <param name="isAlone">True when no other process has this database, so that every node of a run finds a file on the disk of this one.</param>
    public static IServiceCollection AddGrainflowRunFiles(this IServiceCollection services, string dataFolder, bool isAlone)
    {
        var folder = Path.Combine(dataFolder, "files");
        services.TryAddSingleton<IIdSource, RandomIds>();
        services.AddOptions<RunFileOptions>().BindConfiguration(RunFileOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<VirusScanOptions>().BindConfiguration(VirusScanOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new ClamAvScanner(provider.GetRequiredService<IOptions<VirusScanOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IReadOnlyList<ILargeFiles>>(provider => Places(provider.GetRequiredService<IOptions<RunFileOptions>>().Value, folder, isAlone));
        services.AddSingleton(provider => new SharedRunFiles(
            provider.GetRequiredService<IRunFileStore>(),
            provider.GetRequiredService<IReadOnlyList<ILargeFiles>>(),
            isAlone ? new EarlierRunFiles(folder) : null,
            provider.GetRequiredService<IOptions<RunFileOptions>>().Value.DatabaseMegabytes * 1024L * 1024,
            provider.GetRequiredService<IIdSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<VirusScanOptions>>().Value.Enabled ? provider.GetRequiredService<ClamAvScanner>() : null));
        services.AddSingleton<IUploads>(provider => new Uploads(provider.GetRequiredService<SharedRunFiles>()));
        services.AddSingleton(provider => new RunFileSweeper(
            provider.GetRequiredService<IRunFileStore>(), provider.GetRequiredService<IReadOnlyList<ILargeFiles>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IExpiredFiles>(provider => provider.GetRequiredService<RunFileSweeper>());
        return services;
    }

    /// <summary>The places outside of the database, the one that is written to first.</summary>
    private static List<ILargeFiles> Places(RunFileOptions options, string folder, bool isAlone)
    {
        var places = new List<ILargeFiles>();
        if (options.S3Bucket is { } bucket) places.Add(new S3LargeFiles(bucket, options));
        if (isAlone) places.Add(new DiskLargeFiles(Path.Combine(folder, "large")));
        return places;
    }
}
