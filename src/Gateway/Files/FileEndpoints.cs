using Grainflow.Engine.Files;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Files;

/// <summary>The route of the contract's section Files.</summary>
/// <param name="uploads">Keeps the files.</param>
internal sealed class FileEndpoints(IUploads uploads) : IDisposable
{
    private const string OnlyProvider = "gcs";
    private const int DefaultHours = 24;
    private const int MaxHours = 48;

    // A file is in memory while it is scanned and stored; so many at a time.
    private readonly SemaphoreSlim _inMemory = new(2);

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapOperation(
        new Operation("POST", "/api/files/upload", "postV1Upload file to cloud storage", "Stores a file for inputs of runs, for some hours", "v1", "files")
        {
            Parameters =
            [
                new Parameter("provider", "query", false, $$"""{"type": "string", "default": "{{OnlyProvider}}"}"""),
                new Parameter("expiration_hours", "query", false, $$"""{"type": "integer", "default": {{DefaultHours}}}"""),
            ],
            Form = typeof(UploadForm),
            Answers = [typeof(UploadFileResponse)],
            Creates = true,
        },
        UploadAsync);

    /// <inheritdoc/>
    public void Dispose() => _inMemory.Dispose();

    private async Task<ApiResponse> UploadAsync(ApiRequest request)
    {
        var provider = request.QueryText("provider") ?? OnlyProvider;
        var hours = request.QueryNumber("expiration_hours", DefaultHours)!.Value;
        request.Require();
        if (hours is < 1 or > MaxHours) throw ApiException.Detail(400, $"Expiration hours must be between 1 and {MaxHours}").BeforeAnyChange();
        if (provider != OnlyProvider) throw ApiException.Error(400, $"Storage provider '{provider}' is not supported: use '{OnlyProvider}'.").BeforeAnyChange();

        var file = request.File!;
        var name = FileNames.Clean(JsonValues.CleanText(file.Name)) is { Length: > 0 } given ? given : "uploaded_file";
        var upload = new UploadReference(request.Caller.UserId, request.Identity.ResourceId, name);
        await _inMemory.WaitAsync(request.Aborted);
        try
        {
            await uploads.SaveAsync(upload, await file.ReadAsync(request.Aborted), TimeSpan.FromHours(hours), request.Aborted);
        }
        catch (InvalidOperationException exception)
        {
            throw ApiException.Error(400, exception.Message).BeforeAnyChange();
        }
        finally
        {
            _inMemory.Release();
        }

        return ApiResponse.Ok((object)new UploadFileResponse { FileUri = upload.ToString(), FileName = name, Size = file.Length, ContentType = JsonValues.CleanText(file.ContentType), ExpiresInHours = hours });
    }
}
