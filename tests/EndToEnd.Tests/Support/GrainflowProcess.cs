using System.Diagnostics;
using System.Text;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>The program in a process of its own, as a user starts it.</summary>
internal sealed class GrainflowProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private const int MostShown = 4000;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private GrainflowProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Grainflow.Silo.dll");

    public static GrainflowProcess Start(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        Start("dotnet", environment, [Program, .. arguments]);

    /// <summary>Starts it so that it hears SIGINT, which a shell lets its background commands ignore, and with them all that they start.</summary>
    public static GrainflowProcess StartInterruptible(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        Start("env", environment, ["--default-signal=INT", "dotnet", Program, .. arguments]);

    /// <summary>Starts it through <c>./run</c>, whose process becomes the server's.</summary>
    public static GrainflowProcess StartScript(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        Start(Path.Combine(Repository.Root, "run"), new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["GRAINFLOW_PROGRAM"] = Program }, arguments);

    /// <summary>Starts a command line of bash, in which <c>./run</c> is the script when the folder has a link to it.</summary>
    public static GrainflowProcess StartShell(IReadOnlyDictionary<string, string> environment, string folder, string command) =>
        Start("bash", new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["GRAINFLOW_PROGRAM"] = Program }, ["-c", command], folder);

    private static GrainflowProcess Start(string file, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = folder };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var name in new[] { "DATABASE_URL", "DIRECT_URL", "GRAINFLOW_DATA", "GRAINFLOW_POSTGRES_DATA", "GRAINFLOW_POSTGRES_SCRIPT", "OPENAI_API_KEY", "JINA_API_KEY" }) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new GrainflowProcess(Process.Start(start) ?? throw new InvalidOperationException("The program did not start."));
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<ProcessResult> RunAsync(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        await using var process = Start(environment, arguments);
        return await process.EndAsync();
    }

    public async Task<ProcessResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"The program did not end. Its errors so far:\n{Text(_errors)}", exception);
        }

        return new ProcessResult(_process.ExitCode, Text(_output), Text(_errors));
    }

    /// <summary>Waits until a line of its standard error has a text.</summary>
    public async Task SaysAsync(string text)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains(text, StringComparison.Ordinal) == true) said.TrySetResult();
        };
        if (Text(_errors).Contains(text, StringComparison.Ordinal)) said.TrySetResult();
        await said.Task.WaitAsync(Limit);
    }

    /// <summary>Sends a signal, for example <c>TERM</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Writes a line to its standard input.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it, and says to the output of the test what it has written last to its standard error.</summary>
    public async ValueTask DisposeAsync()
    {
        var errors = Text(_errors);
        if (errors.Length > 0) TestContext.Current.TestOutputHelper?.WriteLine(errors.Length <= MostShown ? errors : "… " + errors[^MostShown..]);
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static void Add(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
