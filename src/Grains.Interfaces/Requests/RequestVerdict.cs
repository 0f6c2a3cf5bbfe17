namespace Grainflow.Grains.Interfaces.Requests;

/// <summary>What to do with a request that has a key.</summary>
[GenerateSerializer, Alias("grainflow.RequestVerdict")]
public enum RequestVerdict
{
    /// <summary>Handle it.</summary>
    Handle = 0,

    /// <summary>It was answered: answer the same.</summary>
    Answered = 1,

    /// <summary>Somebody handles it.</summary>
    UnderWay = 2,

    /// <summary>The key was used for another request.</summary>
    Differs = 3,
}
