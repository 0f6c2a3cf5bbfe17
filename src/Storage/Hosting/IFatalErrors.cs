namespace Grainflow.Storage.Hosting;

/// <summary>Receives errors after which a part of the process cannot work any more. The process then ends instead of going on without that part.</summary>
public interface IFatalErrors
{
    /// <summary>Begins to stop the process. Returns at once and never throws; may be called from any thread and more than once.</summary>
    /// <param name="part">The part that has failed, for the operator; for example "The writer of the execution log".</param>
    /// <param name="error">Why.</param>
    void Report(string part, Exception error);
}
