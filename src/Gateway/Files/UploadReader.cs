using System.Buffers;
using System.Security.Cryptography;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Grainflow.Gateway.Files;

/// <summary>Reads the file of a multipart form into a temporary file, and refuses one that is larger than it may be as soon as that is known.</summary>
/// <param name="gateway">The limit.</param>
internal sealed class UploadReader(IOptions<GatewayOptions> gateway)
{
    private const string Field = "file";

    // What a form has beside the file.
    private const long Beside = 1024 * 1024;

    private const int MaxSections = 100;
    private const int MaxBoundary = 200;
    private const int BufferBytes = 64 * 1024;

    // What the temporary files of all requests of this process may have together; one of the largest size always has room.
    private const long MostTemporary = 768L * 1024 * 1024;

    private long _temporary;

    /// <summary>Reads the file.</summary>
    /// <param name="context">The request, whose caller is authenticated.</param>
    /// <exception cref="ApiException">The form has no file, or a larger one than is allowed.</exception>
    public async Task<UploadedFile> ReadAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) throw Missing();
        if (HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= MaxBoundary } boundary) throw ApiException.Detail(400, "Missing boundary in multipart.").BeforeAnyChange();
        var megabytes = gateway.Value.UploadMegabytes;
        var limit = megabytes * 1024L * 1024;
        if (context.Request.ContentLength > limit + Beside) throw TooLarge(megabytes);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = limit + Beside;
        var most = context.Request.ContentLength ?? limit + Beside;
        try
        {
            if (Interlocked.Add(ref _temporary, most) > Math.Max(MostTemporary, limit + Beside)) throw ApiException.Unavailable("This process takes no more uploads at the moment; try again in a moment.");
            return await FindAsync(new MultipartReader(boundary, context.Request.Body), limit, megabytes, () => Interlocked.Add(ref _temporary, -most), context.RequestAborted);
        }
        catch (Exception exception)
        {
            Interlocked.Add(ref _temporary, -most);
            if (exception is InvalidDataException or IOException and not BadHttpRequestException) throw ApiException.Detail(400, "There was an error parsing the body: it is no multipart form, or not a whole one.").BeforeAnyChange();
            throw;
        }
    }

    private static ApiException Missing() => ApiException.Invalid([new ValidationProblem("missing", ["body", Field], "Field required", GatewayJson.Null)]);

    // Clients read the limit from this text (contract: errors.tsv).
    private static ApiException TooLarge(int megabytes) => ApiException.Detail(400, $"File size exceeds the maximum allowed size of {megabytes}MB").BeforeAnyChange();

    private static async Task<UploadedFile> FindAsync(MultipartReader form, long limit, int megabytes, Action done, CancellationToken cancellationToken)
    {
        for (var count = 0; count < MaxSections && await form.ReadNextSectionAsync(cancellationToken) is { } section; count++)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name) != Field) continue;
            var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
            if (!name.HasValue) throw ApiException.Invalid([new ValidationProblem("value_error", ["body", Field], "Value error, expected a file with a file name", GatewayJson.Null)]);
            return await SpoolAsync(section, name.Value!, limit, megabytes, done, cancellationToken);
        }

        throw Missing();
    }

    private static async Task<UploadedFile> SpoolAsync(MultipartSection section, string name, long limit, int megabytes, Action done, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), options);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var total = 0L;
            while (await section.Body.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                total += count;
                if (total > limit) throw TooLarge(megabytes);
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }

            await file.FlushAsync(cancellationToken);
            return new UploadedFile(file, name, section.ContentType is { Length: > 0 } type ? type : "application/octet-stream", hash.GetHashAndReset(), done);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
