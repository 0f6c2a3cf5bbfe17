using MudBlazor;

namespace Grainflow.WebConsole.Layout;

/// <summary>The colours and the type of the console: fonts of the browser's system, and contrasts of at least 4.5 to 1 for text (WCAG 2.2, 1.4.3).</summary>
internal static class ConsoleTheme
{
    private static readonly string[] Fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#2f5d50",
            Secondary = "#8a4b08",
            Info = "#0b5cad",
            Success = "#1f6b34",
            Warning = "#8a5300",
            Error = "#b3261e",
            AppbarBackground = "#2f5d50",
            TextSecondary = "#555555",
            TextDisabled = "#6b6b6b",
            ActionDefault = "#555555",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#8fd3bd",
            PrimaryContrastText = "#10231d",
            Secondary = "#ffb870",
            Info = "#8ec7ff",
            InfoContrastText = "#0b1f33",
            Success = "#8fdba4",
            SuccessContrastText = "#0d2414",
            Warning = "#ffcf70",
            WarningContrastText = "#2c1d00",
            Error = "#ffb4ab",
            ErrorContrastText = "#410e0b",
            AppbarBackground = "#1d3a32",
            TextSecondary = "#c2c2c8",
            TextDisabled = "#a8a8b0",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts },
            H4 = new H4Typography { FontFamily = Fonts, FontSize = "1.6rem", FontWeight = "600" },
            H6 = new H6Typography { FontFamily = Fonts, FontSize = "1.1rem", FontWeight = "600" },
            Button = new ButtonTypography { FontFamily = Fonts, TextTransform = "none" },
        },
    };
}
