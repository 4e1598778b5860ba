using MudBlazor;

namespace ActorLogArchive.Web.Components;

/// <summary>Colours, letters and measures of the product. Fonts are the system's: nothing is fetched from elsewhere.</summary>
internal static class ArchiveTheme
{
    private static readonly string[] Sans = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Ubuntu", "Cantarell", "Noto Sans", "Liberation Sans", "DejaVu Sans", "sans-serif"];

    public static readonly MudTheme Theme = new()
    {
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", AppbarHeight = "52px", DrawerWidthLeft = "208px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            H1 = new H1Typography { FontFamily = Sans, FontSize = "1.25rem", FontWeight = "650", LineHeight = "1.3", LetterSpacing = "-0.01em" },
            H2 = new H2Typography { FontFamily = Sans, FontSize = "0.95rem", FontWeight = "650", LineHeight = "1.4", LetterSpacing = "normal" },
            H6 = new H6Typography { FontFamily = Sans, FontSize = "1.05rem", FontWeight = "650", LineHeight = "1.4", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Sans, FontSize = "0.8125rem", LineHeight = "1.4", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Sans, FontSize = "0.8125rem", FontWeight = "600", TextTransform = "none", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontFamily = Sans, FontSize = "0.75rem", LetterSpacing = "normal" },
        },
        PaletteLight = new PaletteLight
        {
            Primary = "#0b6e69",
            PrimaryContrastText = "#ffffff",
            Secondary = "#475569",
            Info = "#1d5fb8",
            Success = "#177245",
            Warning = "#854e06",
            Error = "#b3261e",
            Background = "#f4f6f8",
            BackgroundGray = "#eaeef2",
            Surface = "#ffffff",
            DrawerBackground = "#ffffff",
            DrawerText = "#3b4754",
            DrawerIcon = "#5b6875",
            AppbarBackground = "#ffffff",
            AppbarText = "#16202c",
            TextPrimary = "#16202c",
            TextSecondary = "#566371",
            TextDisabled = "#8a96a3",
            ActionDefault = "#566371",
            LinesDefault = "#e1e6eb",
            LinesInputs = "#b9c3cd",
            TableLines = "#e9edf1",
            TableHover = "#f3f7f8",
            Divider = "#e1e6eb",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#43c7b9",
            PrimaryContrastText = "#06211f",
            Secondary = "#9fb0c0",
            Info = "#6cb0ff",
            InfoContrastText = "#08203c",
            Success = "#56c98d",
            SuccessContrastText = "#06211f",
            Warning = "#e2ab4f",
            WarningContrastText = "#2a1a00",
            Error = "#ff7b72",
            ErrorContrastText = "#3a0906",
            Background = "#0d1218",
            BackgroundGray = "#10171f",
            Surface = "#151c25",
            DrawerBackground = "#10171f",
            DrawerText = "#b8c4d0",
            DrawerIcon = "#8896a5",
            AppbarBackground = "#10171f",
            AppbarText = "#e2e9f0",
            TextPrimary = "#dfe6ed",
            TextSecondary = "#93a1b0",
            TextDisabled = "#5f6d7b",
            ActionDefault = "#93a1b0",
            LinesDefault = "#26313d",
            LinesInputs = "#3b4855",
            TableLines = "#1f2933",
            TableHover = "#1a232d",
            Divider = "#26313d",
        },
    };
}
