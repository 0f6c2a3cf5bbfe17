namespace Grainflow.Blocks.Integrations.Revid;

/// <summary>The names that users choose from, and what the vendor calls them.</summary>
internal static class RevidNames
{
    /// <summary>The type of the pin <c>generation_preset</c>.</summary>
    public const string Presets =
        "enum(Default|Anime|Realist|Illustration|Sketch Color|Sketch B&W|Pixar|Japanese Ink|3D Render|Lego|Sci-Fi|Retro Cartoon"
        + "|Pixel Art|Creative|Photography|Raytraced|Environment|Fantasy|Anime Realism|Movie|Stylized Illustration|Manga|DEFAULT)";

    /// <summary>The type of the pin <c>background_music</c>.</summary>
    public const string Tracks =
        "enum(Observer|Futuristic Beat|Science Documentary|Hotline|Bladerunner 2049|A Future|Elysian Embers|Inspiring Cinematic"
        + "|Bladerunner Remix|Izzamuzzic|Nas|Paris - Else|Snowfall|Burlesque|Corny Candy|Highway Nocturne|I Don't Think So"
        + "|Losing Your Marbles|Refresher|Tourist|Twin Tyches|Dont Stop Me Abstract Future Bass)";

    /// <summary>The type of the pin <c>voice</c>.</summary>
    public const string Voices = "enum(Lily|Daniel|Brian|Jessica|Charlotte|Callum|Eva)";

    /// <summary>The vendor's name of a preset.</summary>
    /// <param name="name">The name.</param>
    public static string PresetOf(string name) => name switch
    {
        "Default" => "LEONARDO",
        "Realist" => "REALISM",
        "Sketch B&W" => "SKETCH_BW",
        "Japanese Ink" => "INK",
        "3D Render" => "RENDER_3D",
        "Sci-Fi" => "SCIFI",
        "Retro Cartoon" => "RECRO_CARTOON",
        "Anime Realism" => "ANIME_SR",
        _ => name.ToUpperInvariant().Replace(' ', '_'),
    };

    /// <summary>The address of a track.</summary>
    /// <param name="name">The name.</param>
    public static string TrackOf(string name) => name switch
    {
        "Futuristic Beat" => "https://cdn.tfrv.xyz/audio/_futuristic-beat.mp3",
        "Science Documentary" => "https://cdn.tfrv.xyz/audio/_science-documentary.mp3",
        "Hotline" => "https://cdn.tfrv.xyz/audio/_hotline.mp3",
        "Bladerunner 2049" => "https://cdn.tfrv.xyz/audio/_bladerunner-2049.mp3",
        "Inspiring Cinematic" => "https://cdn.tfrv.xyz/audio/inspiring-cinematic-ambient.mp3",
        "Izzamuzzic" => "https://cdn.tfrv.xyz/audio/_izzamuzzic.mp3",
        "Nas" => "https://cdn.tfrv.xyz/audio/_nas.mp3",
        "Paris - Else" => "https://cdn.tfrv.xyz/audio/_paris-else.mp3",
        "Snowfall" => "https://cdn.tfrv.xyz/audio/_snowfall.mp3",
        "Twin Tyches" => "https://cdn.tfrv.xyz/audio/twin-tynches.mp3",
        "Dont Stop Me Abstract Future Bass" => "https://cdn.revid.ai/audio/_dont-stop-me-abstract-future-bass.mp3",
        _ => $"https://cdn.tfrv.xyz/audio/{name.ToLowerInvariant().Replace(' ', '-').Replace("'", "", StringComparison.Ordinal)}.mp3",
    };

    /// <summary>The vendor's id of a voice.</summary>
    /// <param name="name">The name.</param>
    public static string VoiceOf(string name) => name switch
    {
        "Daniel" => "onwK4e9ZLuTAKqWW03F9",
        "Brian" => "nPczCjzI2devNBz1zQrb",
        "Jessica" => "cgSgspJ2msm6clMCkdW9",
        "Charlotte" => "XB0fDUnXU5powFXDhCwa",
        "Callum" => "N2lVS1w4EtoT3dr4eOWO",
        "Eva" => "FGY2WhTYpPnrIDTdsKH5",
        _ => "pFZP5JQG7iQjIQuC4Bku",
    };
}
