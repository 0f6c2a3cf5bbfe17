namespace Orleans;

/// <summary>The kind of a <see cref="DeactivationReason"/>.</summary>
[GenerateSerializer]
public enum DeactivationReasonCode
{
    /// <summary>Not deactivating.</summary>
    None = 0,

    /// <summary>The silo is shutting down.</summary>
    ShuttingDown = 1,

    /// <summary>Activation failed.</summary>
    ActivationFailed = 2,

    /// <summary>Nobody used the activation for its age limit.</summary>
    ActivationIdle = 4,

    /// <summary>The grain let an error escape that makes its memory untrustworthy.</summary>
    ApplicationError = 8,

    /// <summary>The grain or the application asked for it.</summary>
    ApplicationRequested = 9,
}
