namespace Grainflow.Blocks.Integrations.Replicate;

/// <summary>The styles of images.</summary>
internal static class ImageStyle
{
    /// <summary>The type of the pin <c>style</c>.</summary>
    public const string Type =
        "enum(any|realistic_image|realistic_image/b_and_w|realistic_image/hdr|realistic_image/natural_light|realistic_image/studio_portrait|realistic_image/enterprise|realistic_image/hard_flash"
        + "|realistic_image/motion_blur|digital_illustration|digital_illustration/pixel_art|digital_illustration/hand_drawn|digital_illustration/grain|digital_illustration/infantile_sketch"
        + "|digital_illustration/2d_art_poster|digital_illustration/2d_art_poster_2|digital_illustration/handmade_3d|digital_illustration/hand_drawn_outline|digital_illustration/engraving_color)";

    /// <summary>A prompt for a model that has no styles of its own: the style stands before it in words.</summary>
    /// <param name="style">The style.</param>
    /// <param name="prompt">The prompt.</param>
    public static string Describe(string style, string prompt)
    {
        if (style == "any") return prompt;
        var (kind, variant) = style.Split('/') is [var first, var second] ? (first, second) : (style, "");
        var manner = variant switch
        {
            "b_and_w" => "black and white",
            "hdr" => "HDR",
            "2d_art_poster" => "2D art poster style",
            "2d_art_poster_2" => "bold 2D art poster style",
            _ => variant.Replace('_', ' '),
        };
        return $"{manner} {(kind == "realistic_image" ? "realistic photo" : "digital illustration")} of {prompt}".Trim();
    }
}
