namespace Grainflow.Storage.Execution;

/// <summary>What became of the creation of a run.</summary>
public enum RunCreation
{
    /// <summary>The run is stored.</summary>
    Created,

    /// <summary>Nothing was written: the id or the user's request key exists already.</summary>
    Exists,

    /// <summary>Nothing was written: the version of the graph is not there, or its graph was deleted.</summary>
    GraphNotFound,
}
