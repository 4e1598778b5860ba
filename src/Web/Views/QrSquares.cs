using System.Globalization;
using System.Text;
using QRCoder;

namespace ActorLogArchive.Web.Views;

/// <summary>A QR code as one SVG path, a square a module: markup of the page's own, which the content policy allows.</summary>
public sealed record QrSquares(int Size, string Path)
{
    /// <summary>The code of a text.</summary>
    public static QrSquares Of(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        for (var y = 0; y < data.ModuleMatrix.Count; y++)
        {
            for (var x = 0; x < data.ModuleMatrix[y].Length; x++)
            {
                if (data.ModuleMatrix[y][x])
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
            }
        }

        return new QrSquares(data.ModuleMatrix.Count, path.ToString());
    }
}
