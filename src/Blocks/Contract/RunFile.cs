using System.Security.Cryptography;
using System.Text;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Files;

namespace Grainflow.Blocks.Contract;

/// <summary>A file in the folder of a run (contract: block-tiers, File Store).</summary>
/// <param name="Name">The name in the folder.</param>
/// <param name="Content">The content.</param>
internal sealed record RunFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>The content as a base64 data URI.</summary>
    public string ToDataUri() => $"data:{MimeTypes.OfName(Name)};base64,{Convert.ToBase64String(Content.Span)}";

    /// <summary>Stores the file of a data URI, of an http or https address or of an upload in the run, or reads the file of the run with this name.</summary>
    /// <exception cref="BlockException">The source is none of these, cannot be fetched, is too large, or is an upload of another user or one that has expired.</exception>
    public static async Task<RunFile> StoreAsync(string source, BlockContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (source.StartsWith("data:", StringComparison.OrdinalIgnoreCase)) return await SaveAsync(Decode(source, context), context, cancellationToken);
            if (Uri.TryCreate(source, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
                return await SaveAsync(await FetchAsync(address!, context, cancellationToken), context, cancellationToken);
            if (UploadReference.IsReference(source)) return await SaveAsync(await ReadUploadAsync(source, context, cancellationToken), context, cancellationToken);
            var name = FileNames.Clean(source);
            return new RunFile(name, await context.Files.ReadAsync(name, cancellationToken));
        }
        catch (Exception e) when (e is OutgoingHttpException or FileNotFoundException or InvalidOperationException)
        {
            throw new BlockException(e.Message, e);
        }
    }

    private static async Task<RunFile> SaveAsync(RunFile file, BlockContext context, CancellationToken cancellationToken) =>
        file with { Name = await context.Files.SaveAsync(file.Name, file.Content, cancellationToken) };

    private static RunFile Decode(string source, BlockContext context)
    {
        var comma = source.IndexOf(',', StringComparison.Ordinal);
        var head = comma < 0 ? "" : source["data:".Length..comma];
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase)) throw new BlockException("Invalid data URI format. Expected data:<mime>;base64,<data>");
        var mime = head.Split(';')[0];
        try
        {
            var content = Convert.FromBase64String(source[(comma + 1)..]);
            return new RunFile(NameOf(content, context) + MimeTypes.Extension(mime), content);
        }
        catch (FormatException e)
        {
            throw new BlockException("The data URI does not hold valid base64", e);
        }
    }

    // All attempts of a node execution use the same name, so that a repeated attempt does not store a second copy.
    private static string NameOf(byte[] content, BlockContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(context.NodeExecutionId));
        hash.AppendData(content);
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16)).ToString();
    }

    private static async Task<RunFile> FetchAsync(Uri address, BlockContext context, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var reply = await context.Http.SendAsync(request, cancellationToken);
        if (!reply.IsSuccess) throw new BlockException($"The file could not be fetched: the server answered {reply.Status}");
        var name = FileNames.Clean(Uri.UnescapeDataString(address.Segments[^1]));
        return new RunFile(name.Length == 0 ? NameOf(reply.Body.ToArray(), context) + MimeTypes.Extension(reply.ContentType ?? "") : name, reply.Body);
    }

    // Two uploads of the same name are two files of the run.
    private static async Task<RunFile> ReadUploadAsync(string source, BlockContext context, CancellationToken cancellationToken)
    {
        if (!UploadReference.TryParse(source, out var reference, out var problem)) throw new BlockException(problem);
        return new RunFile(FileNames.Distinguish(FileNames.Clean(reference.Name), reference.Id), await context.Files.ReadUploadAsync(reference, cancellationToken));
    }
}
