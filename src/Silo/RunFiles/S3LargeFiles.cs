using System.Net;
using System.Runtime.InteropServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Grainflow.Storage.RunFiles;

namespace Grainflow.Silo.RunFiles;

/// <summary>Contents as objects of a bucket. A PUT is atomic there: an object is whole or not there.</summary>
internal sealed class S3LargeFiles : ILargeFiles, IDisposable
{
    private const string Prefix = "run-files/";

    private readonly string _bucket;
    private readonly AmazonS3Client _client;

    /// <summary>Creates the client. Nothing is sent before the first file.</summary>
    /// <param name="bucket">The bucket; it must exist.</param>
    /// <param name="options">How it is reached.</param>
    public S3LargeFiles(string bucket, RunFileOptions options)
    {
        _bucket = bucket;
        var config = new AmazonS3Config
        {
            // Other services than Amazon's do not know the trailing checksums that the client would add; the signature covers the content.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.S3Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.S3Region;
            config.ForcePathStyle = true;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.S3Region);
        }

        _client = options.S3AccessKeyId is { } id
            ? new AmazonS3Client(new BasicAWSCredentials(id, options.S3SecretAccessKey), config)
            : new AmazonS3Client(config);
    }

    /// <inheritdoc/>
    public RunFilePlace Place => RunFilePlace.S3;

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <inheritdoc/>
    public async Task WriteAsync(Guid contentId, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // The buffer itself where there is one, since the file may have 100 MB.
        using var body = MemoryMarshal.TryGetArray(content, out var buffer)
            ? new MemoryStream(buffer.Array!, buffer.Offset, buffer.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false);
        var request = new PutObjectRequest { BucketName = _bucket, Key = Key(contentId), InputStream = body, UseChunkEncoding = false, AutoCloseStream = false };
        await Answered("stored", () => _client.PutObjectAsync(request, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(Guid contentId, CancellationToken cancellationToken)
    {
        try
        {
            return await Answered("read", async () =>
            {
                using var response = await _client.GetObjectAsync(_bucket, Key(contentId), cancellationToken);
                var content = new byte[response.ContentLength];
                await response.ResponseStream.ReadExactlyAsync(content, cancellationToken);
                return (ReadOnlyMemory<byte>?)content;
            });
        }
        catch (InvalidOperationException exception) when (exception.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(Guid contentId, CancellationToken cancellationToken) =>
        await Answered("deleted", () => _client.DeleteObjectAsync(_bucket, Key(contentId), cancellationToken));

    private static string Key(Guid contentId) => Prefix + contentId;

    /// <summary>Names what S3 refused. The client has repeated the request already where that could help. Its own message may hold the id of the key, so it is not shown.</summary>
    private static async Task<T> Answered<T>(string done, Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (AmazonServiceException exception)
        {
            throw new InvalidOperationException($"The file could not be {done}: S3 (RUN_FILE_S3_BUCKET) answered {(int)exception.StatusCode} {exception.ErrorCode}.", exception);
        }
        catch (Exception exception) when (exception is AmazonClientException or HttpRequestException or IOException)
        {
            throw new InvalidOperationException($"The file could not be {done}: S3 (RUN_FILE_S3_BUCKET) could not be reached.", exception);
        }
    }
}
