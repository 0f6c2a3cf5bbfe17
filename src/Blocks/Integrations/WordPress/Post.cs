using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.WordPress;

/// <summary>A post of a blog, as WordPress.com describes it. The block hands its values on as they are; this record gives their types.</summary>
internal sealed record Post
{
    [JsonPropertyName("ID")]
    public required long Id { get; init; }

    [JsonPropertyName("site_ID")]
    public required long SiteId { get; init; }

    [Pin(Title = "PostAuthor")]
    public required PostAuthor Author { get; init; }

    [Pin(Type = "string:date-time")]
    public required string Date { get; init; }

    [Pin(Type = "string:date-time")]
    public required string Modified { get; init; }

    public required string Title { get; init; }

    [JsonPropertyName("URL")]
    public required string Url { get; init; }

    [JsonPropertyName("short_URL")]
    public required string ShortUrl { get; init; }

    public string? Content { get; init; }

    public string? Excerpt { get; init; }

    public required string Slug { get; init; }

    public required string Guid { get; init; }

    public required string Status { get; init; }

    public required bool Sticky { get; init; }

    public string? Password { get; init; } = "";

    [Pin(TypeSchema = """{"anyOf":[{"additionalProperties":true,"type":"object"},{"type":"boolean"},{"type":"null"}]}""")]
    public JsonElement Parent { get; init; }

    public required string Type { get; init; }

    [Pin(TypeSchema = """{"anyOf":[{"additionalProperties":{"anyOf":[{"type":"string"},{"type":"boolean"},{"type":"integer"}]},"type":"object"},{"type":"null"}]}""")]
    public JsonElement Discussion { get; init; }

    public bool? LikesEnabled { get; init; }

    public bool? SharingEnabled { get; init; }

    public long? LikeCount { get; init; }

    [JsonPropertyName("i_like")]
    public bool? ILike { get; init; }

    public bool? IsReblogged { get; init; }

    public bool? IsFollowing { get; init; }

    [JsonPropertyName("global_ID")]
    public string? GlobalId { get; init; }

    public string? FeaturedImage { get; init; }

    [Pin(Type = "object?")]
    public JsonElement PostThumbnail { get; init; }

    public string? Format { get; init; }

    [Pin(TypeSchema = """{"anyOf":[{"additionalProperties":true,"type":"object"},{"type":"boolean"},{"type":"null"}]}""")]
    public JsonElement Geo { get; init; }

    public long? MenuOrder { get; init; }

    public string? PageTemplate { get; init; }

    [JsonPropertyName("publicize_URLs")]
    [Pin(Type = "array<string>?")]
    public JsonElement PublicizeURLs { get; init; }

    [Pin(Type = "map<object>?")]
    public JsonElement Terms { get; init; }

    [Pin(Type = "map<object>?")]
    public JsonElement Tags { get; init; }

    [Pin(Type = "map<object>?")]
    public JsonElement Categories { get; init; }

    [Pin(Type = "map<object>?")]
    public JsonElement Attachments { get; init; }

    public long? AttachmentCount { get; init; }

    [Pin(Type = "array<object>?")]
    public JsonElement Metadata { get; init; }

    [Pin(Type = "object?")]
    public JsonElement Meta { get; init; }

    [Pin(Type = "map<boolean>?")]
    public JsonElement Capabilities { get; init; }

    [Pin(Type = "array<integer>?")]
    public JsonElement Revisions { get; init; }

    [JsonPropertyName("other_URLs")]
    [Pin(Type = "object?")]
    public JsonElement OtherURLs { get; init; }
}

/// <summary>The author of a post.</summary>
internal sealed record PostAuthor
{
    [JsonPropertyName("ID")]
    public required long Id { get; init; }

    public required string Login { get; init; }

    [Pin(TypeSchema = """{"anyOf":[{"type":"string"},{"type":"boolean"},{"type":"null"}]}""")]
    public JsonElement Email { get; init; }

    public required string Name { get; init; }

    public required string NiceName { get; init; }

    [JsonPropertyName("URL")]
    public string? Url { get; init; }

    [JsonPropertyName("avatar_URL")]
    public string? AvatarUrl { get; init; }
}
