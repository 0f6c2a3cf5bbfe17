using System.Globalization;
using Grainflow.Gateway.Json;
using Grainflow.Storage;
using Grainflow.Storage.Credentials;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Messaging;
using Orleans.Serialization;

namespace Grainflow.Gateway.Errors;

/// <summary>Writes every error in the contract's form, including those of routing and unexpected exceptions, which it also logs.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (ApiException exception) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, exception);
            return;
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, exception.StatusCode, new DetailBody(exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? "Request body too large." : exception.Message));
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has closed the connection; the status is for metrics only.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        catch (Exception exception) when (IsUnreachable(exception) && !context.Response.HasStarted)
        {
            Unreachable(exception, context.Request.Method, context.Request.Path);
            await RefuseAsync(context, ApiException.Unavailable("A silo that has to answer is not in reach; try again in a moment."));
            return;
        }
        catch (Exception exception) when (IsDatabaseAway(exception) && !context.Response.HasStarted)
        {
            DatabaseAway(exception, context.Request.Method, context.Request.Path);
            await RefuseAsync(context, ApiException.Unavailable("The database is not in reach; try again in a moment."));
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Failed(exception, context.Request.Method, context.Request.Path);
            if (IsExternal(context.Request))
            {
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                await context.Response.WriteAsync("Internal Server Error");
                return;
            }

            await WriteAsync(context, 500, Error(context.Request, 500, MissingKey(exception) ?? $"Internal error; the server's log has it under {context.TraceIdentifier}."));
            return;
        }

        if (context.Response.HasStarted) return;
        var detail = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound when context.GetEndpoint() is null => "Not Found",
            StatusCodes.Status405MethodNotAllowed => "Method Not Allowed",
            _ => null,
        };
        if (detail is not null) await WriteAsync(context, context.Response.StatusCode, new DetailBody(detail));
    }

    /// <summary>
    /// Whether the silo of a grain could not be reached or did not answer in time, as between its death and the takeover by another. What it did before that is not known.
    /// The runtime cancels a call whose grain could not be entered into the directory in time; calls that the client has given up do not come here.
    /// </summary>
    private static bool IsUnreachable(Exception exception) =>
        exception is SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or GatewayTooBusyException or TimeoutException or OperationCanceledException;

    /// <summary>Whether a store could not reach the database, here or in another process, whose exception Orleans replaces by one that names it.</summary>
    private static bool IsDatabaseAway(Exception exception) =>
        exception is UnavailableExceptionFallbackException remote ? StorageFaults.IsAway(remote.ExceptionType ?? "", remote.Message) : StorageFaults.IsAway(exception);

    /// <summary>
    /// That the encryption key is missing, which the pages need too; null for any other failure. Protecting the data of a page hides it behind an exception of its own. A key that
    /// cannot be read has a cause, and its message may name a path of the server, which is for the log alone.
    /// </summary>
    private static string? MissingKey(Exception exception) => exception.GetBaseException() is EncryptionKeyException missing ? missing.Message : null;

    private static Task RefuseAsync(HttpContext context, ApiException exception)
    {
        if (exception.RetryAfter is { } wait) context.Response.Headers.RetryAfter = wait.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return WriteAsync(context, exception.Status, BodyOf(context.Request, exception));
    }

    private static object BodyOf(HttpRequest request, ApiException exception) => exception.Body switch
    {
        null => Error(request, exception.Status, exception.Message),
        IReadOnlyList<ValidationProblem> problems when IsExternal(request) => new ExternalValidationBody(problems),
        IReadOnlyList<ValidationProblem> problems => new ValidationBody($"Invalid data for {request.Method} {request.Path}", problems, "Ensure the request matches the API schema."),
        var body => body,
    };

    /// <summary>Whether a request is one of the external API, which has forms of its own for wrong requests and failures (contract: errors.tsv, body-shape).</summary>
    private static bool IsExternal(HttpRequest request) => request.Path.StartsWithSegments("/external-api", StringComparison.Ordinal);

    private static ErrorBody Error(HttpRequest request, int status, string detail) => new(
        $"Failed to process {request.Method} {request.Path}",
        detail,
        status < 500 ? "Adjust the request and retry." : "Check server logs and dependent services.");

    private static Task WriteAsync(HttpContext context, int status, object body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(body, body.GetType(), GatewayJson.Options, "application/json", CancellationToken.None);
    }

    [LoggerMessage(2251, LogLevel.Warning, "{Method} {Path} was answered 503, because a silo was not in reach.")]
    private partial void Unreachable(Exception exception, string method, string path);

    [LoggerMessage(2350, LogLevel.Warning, "{Method} {Path} was answered 503, because the database was not in reach.")]
    private partial void DatabaseAway(Exception exception, string method, string path);

    [LoggerMessage(2002, LogLevel.Error, "{Method} {Path} failed.")]
    private partial void Failed(Exception exception, string method, string path);
}
