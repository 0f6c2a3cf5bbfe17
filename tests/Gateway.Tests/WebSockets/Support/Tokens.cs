using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>Makes user tokens.</summary>
internal static class Tokens
{
    public static string For(string user) => Of(new { sub = user, aud = "authenticated" });

    public static string Of(object claims, string key = LiveServer.Key) => UserToken.Of(claims, key);
}
