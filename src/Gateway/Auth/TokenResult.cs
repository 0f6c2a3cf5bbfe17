namespace Grainflow.Gateway.Auth;

/// <summary>What came of reading a token: a caller, or why not.</summary>
/// <param name="Caller">The caller, or null.</param>
/// <param name="Failure">What is wrong; meaningless with a caller.</param>
/// <param name="Message">That for people.</param>
public sealed record TokenResult(Caller? Caller, TokenFailure Failure, string Message);
