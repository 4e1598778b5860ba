using System.Globalization;
using System.Text;

namespace ActorLogArchive.Web.Views;

/// <summary>A value at a moment.</summary>
public readonly record struct ChartPoint(DateTimeOffset At, double Value);

/// <summary>A series as shapes for a drawing of <see cref="Width"/> by <see cref="Height"/>. Pure.</summary>
/// <param name="Line">Path of the line.</param>
/// <param name="Area">Path of what lies below it.</param>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
/// <param name="Top">Value at the upper end.</param>
/// <param name="Highest">Highest point; null without points.</param>
public sealed record ChartShape(string Line, string Area, DateTimeOffset From, DateTimeOffset To, double Top, ChartPoint? Highest)
{
    /// <summary>Width of the drawing.</summary>
    public const int Width = 600;

    /// <summary>Its height.</summary>
    public const int Height = 100;

    /// <summary>Longest time that is drawn.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(30);

    /// <summary>Draws a series; between points that lie further apart than <paramref name="gap"/> the line is broken.</summary>
    public static ChartShape Of(IReadOnlyList<ChartPoint> points, DateTimeOffset now, TimeSpan gap)
    {
        var oldest = points.Count > 0 ? points[0].At : now;
        var span = now - oldest;
        span = span < Shortest ? Shortest : span > Longest ? Longest : span;
        var from = now - span;
        var shown = points.Where(point => point.At >= from && point.At <= now).ToList();
        var top = shown.Count == 0 ? 0 : shown.Max(point => point.Value);
        var scale = top > 0 ? top : 1;
        var (line, area) = (new StringBuilder(), new StringBuilder());
        for (var i = 0; i < shown.Count; i++)
        {
            var (x, y) = (X(shown[i].At), Height - (shown[i].Value / scale * Height));
            var begins = i == 0 || shown[i].At - shown[i - 1].At > gap;
            if (begins && i > 0)
                Close(shown[i - 1].At);
            if (begins)
                area.Append(CultureInfo.InvariantCulture, $"M{x:0.#} {Height}");
            line.Append(CultureInfo.InvariantCulture, $"{(begins ? 'M' : 'L')}{x:0.#} {y:0.#}");
            area.Append(CultureInfo.InvariantCulture, $"L{x:0.#} {y:0.#}");
        }

        if (shown.Count > 0)
            Close(shown[^1].At);
        return new ChartShape(line.ToString(), area.ToString(), from, now, top, shown.Count == 0 ? null : shown.MaxBy(point => point.Value));

        double X(DateTimeOffset at) => (at - from) / span * Width;

        void Close(DateTimeOffset at) => area.Append(CultureInfo.InvariantCulture, $"L{X(at):0.#} {Height}Z");
    }

    /// <summary>Points of a sparkline of 60 by 20, oldest first; empty when nothing ever moved.</summary>
    public static string Spark(IReadOnlyList<float> values)
    {
        var top = values.Count == 0 ? 0 : values.Max();
        if (top <= 0)
            return "";
        var step = 60.0 / Math.Max(1, values.Count - 1);
        return string.Join(' ', values.Select((value, i) => string.Create(CultureInfo.InvariantCulture, $"{i * step:0.#},{19 - (value / top * 18):0.#}")));
    }
}
