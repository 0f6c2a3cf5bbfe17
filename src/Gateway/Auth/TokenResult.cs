namespace Grainflow.Gateway.Auth;

/// <summary>Why a token names no caller.</summary>
public enum TokenFailure
{
    /// <summary>There is no token.</summary>
    Missing,

    /// <summary>The token is valid and has no <c>sub</c>.</summary>
    NoSubject,

    /// <summary>The token is malformed, expired, for another audience or of another issuer, or its signature is wrong.</summary>
    Invalid,

    /// <summary>The token cannot be checked now, because the public keys of its issuer cannot be read.</summary>
    Unverifiable,
}

/// <summary>The result of reading a token: a caller, or the reason why there is none.</summary>
/// <param name="Caller">The caller, or null.</param>
/// <param name="Failure">The kind of the reason; meaningless with a caller.</param>
/// <param name="Message">The reason in words, for the answer; empty with a caller.</param>
public sealed record TokenResult(Caller? Caller, TokenFailure Failure, string Message);
