using System.Runtime.InteropServices;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Sets priorities of threads on Linux, where <see cref="Thread.Priority"/> has no effect. On other systems it does nothing, and all threads keep the same priority.
/// </summary>
internal static class SystemThreads
{
    private const int PriorityOfThread = 0;
    private const int LowestPriority = 19;

    /// <summary>The operating system's id of the calling thread; 0 where priorities are not set.</summary>
    public static int CurrentId() => OperatingSystem.IsLinux() ? GetThreadId() : 0;

    /// <summary>Gives a thread the lowest priority. Raising it again needs privileges, so the thread must end after its work.</summary>
    /// <param name="threadId">From <see cref="CurrentId"/>.</param>
    /// <returns>False when the system refuses; the thread then keeps its priority.</returns>
    public static bool Lower(int threadId) => threadId != 0 && SetPriority(PriorityOfThread, threadId, LowestPriority) == 0;

    [DllImport("libc", EntryPoint = "gettid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetThreadId();

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int who, int priority);
}
