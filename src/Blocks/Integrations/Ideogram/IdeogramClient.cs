using System.Globalization;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Integrations.Ideogram;

/// <summary>Makes images with Ideogram.</summary>
/// <param name="context">The node execution.</param>
internal sealed class IdeogramClient(BlockContext context)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly Vendor Vendor = new("ideogram", "Ideogram", "https://api.ideogram.ai") { Authorization = Vendor.KeyIn("Api-Key") };

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>Makes an image with a model of the third version, and returns its address.</summary>
    /// <param name="input">What is asked for.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public Task<string> MakeAsync(IdeogramModelBlock.Input input, CancellationToken cancellationToken)
    {
        // This version takes a form, names ratios as 16x9, and has no palettes of colours in the pins' form.
        var fields = new List<(string Name, string? Value)>
        {
            ("prompt", input.Prompt),
            ("aspect_ratio", input.AspectRatio["ASPECT_".Length..].Replace('_', 'x')),
            ("magic_prompt", input.MagicPromptOption),
            ("style_type", input.StyleType),
            ("seed", input.Seed?.ToString(CultureInfo.InvariantCulture)),
            ("negative_prompt", string.IsNullOrEmpty(input.NegativePrompt) ? null : input.NegativePrompt),
        };
        return ImageAsync(new ApiRequest(HttpMethod.Post, "/v1/ideogram-v3/generate") { Content = () => FormOf(fields) }, cancellationToken);
    }

    /// <summary>Makes an image with an older model, and returns its address.</summary>
    /// <inheritdoc cref="MakeAsync" path="/param"/>
    /// <exception cref="BlockException">The request failed.</exception>
    public Task<string> MakeOlderAsync(IdeogramModelBlock.Input input, CancellationToken cancellationToken)
    {
        var isSecond = input.IdeogramModelName is "V_2" or "V_2_TURBO";
        var order = new
        {
            prompt = input.Prompt,
            model = input.IdeogramModelName,
            aspect_ratio = input.AspectRatio,
            magic_prompt_option = input.MagicPromptOption,
            style_type = isSecond ? input.StyleType : null,
            seed = input.Seed,
            negative_prompt = string.IsNullOrEmpty(input.NegativePrompt) ? null : input.NegativePrompt,
            color_palette = isSecond ? PaletteOf(input) : null,
        };
        return ImageAsync(new ApiRequest(HttpMethod.Post, "/generate") { Json = ApiRequest.JsonOf(new { image_request = order }) }, cancellationToken);
    }

    /// <summary>Enlarges an image, and returns the address of the larger one.</summary>
    /// <param name="address">The address of the image.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">The image cannot be fetched, or the request failed.</exception>
    public async Task<string> EnlargeAsync(string address, CancellationToken cancellationToken)
    {
        var image = await FetchAsync(address, cancellationToken);
        return await ImageAsync(new ApiRequest(HttpMethod.Post, "/upscale") { Content = () => FormOf([("image_request", "{}")], image) }, cancellationToken);
    }

    private static object? PaletteOf(IdeogramModelBlock.Input input)
    {
        if (input.ColorPaletteName != "NONE") return new { name = input.ColorPaletteName };
        return input.CustomColorPalette is { Count: > 0 } colors ? new { members = colors.Select(color => new { color_hex = color }) } : null;
    }

    private static MultipartFormDataContent FormOf(IEnumerable<(string Name, string? Value)> fields, OutgoingReply? image = null)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
            if (value is not null) form.Add(new StringContent(value), $"\"{name}\"");
        if (image is null) return form;
        var part = new ReadOnlyMemoryContent(image.Body);
        part.Headers.TryAddWithoutValidation("Content-Type", image.ContentType ?? "image/png");
        form.Add(part, "\"image_file\"", "\"image.png\"");
        return form;
    }

    private async Task<OutgoingReply> FetchAsync(string address, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) throw _client.Malformed("the image has no address");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        try
        {
            var reply = await context.Http.SendAsync(request, cancellationToken);
            return reply.IsSuccess ? reply : throw new BlockException($"The image could not be fetched: the server answered {reply.Status.ToString(CultureInfo.InvariantCulture)}");
        }
        catch (OutgoingHttpException e)
        {
            throw new BlockException($"The image could not be fetched: {e.Message}", e);
        }
    }

    private async Task<string> ImageAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var images = _client.NeedItems(await _client.SendAsync(request with { TimeLimit = Limit }, cancellationToken), "data");
        if (images.Count == 0) throw _client.Malformed("it has no image");
        return images[0].Text("url") ?? throw new BlockException("Ideogram made no image: it was found unsafe");
    }
}
