using System.ComponentModel.DataAnnotations;

namespace Grainflow.Silo.RunFiles;

/// <summary>Where the files of runs are kept.</summary>
internal sealed class RunFileOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "RunFiles";

    /// <summary>The largest file that is kept in the database, in MiB, 1 to 100; larger ones go to S3 or, on a server that is alone, to its disk. Setting <c>RUN_FILE_DATABASE_MEGABYTES</c>.</summary>
    [Range(1, 100)]
    public int DatabaseMegabytes { get; set; } = 8;

    /// <summary>The bucket for larger files, or null for none. Setting <c>RUN_FILE_S3_BUCKET</c>.</summary>
    public string? S3Bucket { get; set; }

    /// <summary>The region that requests to S3 are signed for. Setting <c>RUN_FILE_S3_REGION</c>.</summary>
    public string S3Region { get; set; } = "us-east-1";

    /// <summary>Another service that speaks S3, for example MinIO; null for Amazon's. Its buckets are addressed by path. Setting <c>RUN_FILE_S3_ENDPOINT</c>.</summary>
    public Uri? S3Endpoint { get; set; }

    /// <summary>The id of the access key; null to let the AWS client find credentials as it does (variables <c>AWS_...</c>, profile, role). Setting <c>RUN_FILE_S3_ACCESS_KEY_ID</c>.</summary>
    public string? S3AccessKeyId { get; set; }

    /// <summary>The secret of the access key; set together with its id. Setting <c>RUN_FILE_S3_SECRET_ACCESS_KEY</c>.</summary>
    public string? S3SecretAccessKey { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (S3AccessKeyId is null != S3SecretAccessKey is null)
            yield return new ValidationResult("RUN_FILE_S3_ACCESS_KEY_ID and RUN_FILE_S3_SECRET_ACCESS_KEY belong together: set both or none.");
        if (S3Bucket is null && (S3Endpoint ?? (object?)S3AccessKeyId) is not null)
            yield return new ValidationResult("RUN_FILE_S3_ENDPOINT or an access key is set without RUN_FILE_S3_BUCKET: name the bucket, too.");
    }
}
