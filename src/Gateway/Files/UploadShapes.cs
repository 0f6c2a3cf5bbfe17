using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Files;

/// <summary>The form of an upload.</summary>
[SchemaName("Body_postV1Upload_file_to_cloud_storage")]
internal sealed record UploadForm
{
    /// <summary>The file.</summary>
    [Binary]
    public required string File { get; init; }
}

/// <summary>An upload that is stored.</summary>
internal sealed record UploadFileResponse
{
    /// <summary>The reference that an input takes for the file.</summary>
    public required string FileUri { get; init; }

    /// <summary>The name as it is kept.</summary>
    public required string FileName { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The media type as the client gave it.</summary>
    public required string ContentType { get; init; }

    /// <summary>After how many hours nobody can read it any more.</summary>
    public required int ExpiresInHours { get; init; }
}
