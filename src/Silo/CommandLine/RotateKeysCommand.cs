using Grainflow.Silo.Hosting;
using Grainflow.Storage;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run --rotate-keys</c>: seals the data keys of all users by the current key. It may run beside servers, several times, and again after a crash.</summary>
internal static class RotateKeysCommand
{
    /// <summary>Prints progress on standard error and the result as JSON on standard output.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl-C or TERM; what was done stays.</param>
    /// <returns><see cref="ExitCodes.Success"/> when all data keys are sealed by the current key, else <see cref="ExitCodes.Refused"/>.</returns>
    /// <exception cref="SettingsException">There is no current key, or one cannot be read.</exception>
    public static async Task<int> RunAsync(CliOptions options, Settings settings, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.Values).Build())
            .AddGrainflowStorage(settings.DatabaseUrl)
            .Configure<EncryptionOptions>(encryption => encryption.KeyFile = settings.KeyFile)
            .BuildServiceProvider();
        KeyRotationResult result;
        try
        {
            result = await services.GetRequiredService<KeyRotation>().RunAsync(
                progress =>
                {
                    if (!options.JsonOnly) Console.Error.WriteLine($"{progress.Resealed + progress.Current + progress.Failed.Count} data keys so far, {progress.Resealed} of them sealed anew.");
                },
                cancellationToken);
        }
        catch (EncryptionKeyException exception)
        {
            throw new SettingsException(exception.Message);
        }

        if (!options.JsonOnly)
        {
            foreach (var failed in result.Failed) Console.Error.WriteLine(failed);
            Console.Error.WriteLine(result.Failed.Count == 0
                ? $"All data keys are sealed by key {result.Key}: {result.Resealed} were sealed anew, {result.Current} were before. Keys of ENCRYPTION_KEY_OLD are not needed any more."
                : $"{result.Failed.Count} data keys could not be opened and were not changed; keep the keys of ENCRYPTION_KEY_OLD.");
        }

        Console.Out.WriteLine($$"""{"key":"{{result.Key}}","resealed":{{result.Resealed}},"current":{{result.Current}},"failed":{{result.Failed.Count}}}""");
        return result.Failed.Count == 0 ? ExitCodes.Success : ExitCodes.Refused;
    }
}
