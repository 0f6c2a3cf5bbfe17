#pragma warning disable MA0047 // The runtime finds the class by its name alone.
/// <summary>
/// Runs in the program before its own code, when DOTNET_STARTUP_HOOKS names this assembly: throws on a thread of its own once a line comes from standard
/// input.
/// </summary>
internal static class StartupHook
{
    public static void Initialize() => new Thread(WaitAndThrow) { IsBackground = true }.Start();

    private static void WaitAndThrow()
    {
        Console.In.ReadLine();
        throw new InvalidOperationException("Thrown on a thread of its own.");
    }
}
