using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Webhooks;

/// <summary>The pins that all triggers of GitHub have.</summary>
internal static class GithubTrigger
{
    internal abstract record Input
    {
        [CredentialsPin("github", Types = ["api_key", "oauth2"], Scopes = ["repo"])]
        public required CredentialsReference Credentials { get; init; }

        public required string Repo { get; init; }

        [Pin(Type = "object", Hidden = true)]
        public JsonElement Payload { get; init; } = JsonValues.EmptyObject;
    }

    internal abstract record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Payload { get; init; }

        [Pin(Type = "object")]
        public required JsonElement TriggeredByUser { get; init; }

        public required string Event { get; init; }
    }
}
