using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>What an authorization server answers to a request for tokens (RFC 6749, section 5).</summary>
internal static class TokenAnswer
{
    private const int MostErrorCharacters = 300;

    /// <summary>The tokens of an answer. What it does not tell stays as it was.</summary>
    /// <param name="server">The name of the server, for the error.</param>
    /// <param name="answer">The answer, an object.</param>
    /// <param name="before">The tokens before, or what was asked for.</param>
    /// <param name="now">Now.</param>
    /// <exception cref="OAuthException">There is no access token in it.</exception>
    public static OAuthTokens Read(string server, JsonElement answer, OAuthTokens before, DateTimeOffset now)
    {
        if (Text(answer, "access_token") is not { Length: > 0 } token) throw new OAuthException($"{server} answered without an access token.", isPassing: false);
        var at = now.ToUnixTimeSeconds();
        return new OAuthTokens
        {
            AccessToken = token,
            AccessTokenExpiresAt = at + Seconds(answer, "expires_in"),
            RefreshToken = Text(answer, "refresh_token") is { Length: > 0 } refresh ? refresh : before.RefreshToken,
            RefreshTokenExpiresAt = at + Seconds(answer, "refresh_token_expires_in") ?? before.RefreshTokenExpiresAt,
            Scopes = Text(answer, "scope") is { Length: > 0 } scopes ? [.. scopes.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)] : before.Scopes,
        };
    }

    /// <summary>The error code of an answer, null when there is none. Its description is left out, because it may repeat what was sent.</summary>
    /// <param name="answer">The answer.</param>
    public static string? Error(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && Text(answer, "error") is { Length: > 0 } error ? new string([.. error.Where(character => !char.IsControl(character)).Take(MostErrorCharacters)]) : null;

    private static string? Text(JsonElement answer, string name) => answer.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A duration, which some providers write as text; null when there is none, or it is 0: that of a token which does not expire.</summary>
    private static long? Seconds(JsonElement answer, string name) => answer.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var seconds) && seconds > 0 => seconds,
        { ValueKind: JsonValueKind.String } text when long.TryParse(text.GetString(), CultureInfo.InvariantCulture, out var seconds) && seconds > 0 => seconds,
        _ => null,
    };
}
