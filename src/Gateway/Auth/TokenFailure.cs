namespace Grainflow.Gateway.Auth;

/// <summary>Why a token names no caller.</summary>
public enum TokenFailure
{
    /// <summary>There is no token.</summary>
    Missing,

    /// <summary>It is valid and has no <c>sub</c>.</summary>
    NoSubject,

    /// <summary>It is malformed, expired, for another audience, or its signature is wrong.</summary>
    Invalid,
}
