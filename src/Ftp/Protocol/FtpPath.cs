namespace ActorLogArchive.Ftp.Protocol;

/// <summary>
/// An absolute, normalised path of the served tree: <c>/</c> or <c>/a/b</c>; never <c>.</c>, <c>..</c>, an empty
/// segment, NUL or a trailing slash. Being normalised by construction, it cannot point above its root. It may hold CR
/// and LF, as names on Linux may: <see cref="FtpText"/> tells how such names travel.
/// </summary>
public readonly record struct FtpPath
{
    /// <summary>Longest accepted path in characters; longer ones are answered with 553 by the server.</summary>
    public const int MaxLength = 4096;

    /// <summary>The root, <c>/</c>.</summary>
    public static readonly FtpPath Root = new("/");

    private readonly string? _value;

    private FtpPath(string value) => _value = value;

    /// <summary>The path as text, always starting with <c>/</c>.</summary>
    public string Value => _value ?? "/";

    /// <summary>Whether this is the root.</summary>
    public bool IsRoot => Value.Length == 1;

    /// <summary>The last segment; empty for the root.</summary>
    public string Name => IsRoot ? "" : Value[(Value.LastIndexOf('/') + 1)..];

    /// <summary>The path without its last segment; the root is its own parent.</summary>
    public FtpPath Parent
    {
        get
        {
            var slash = Value.LastIndexOf('/');
            return slash <= 0 ? Root : new FtpPath(Value[..slash]);
        }
    }

    /// <summary>The first segment (in an archive: the agent's folder); empty for the root.</summary>
    public string FirstSegment
    {
        get
        {
            var end = Value.IndexOf('/', 1);
            return end < 0 ? Value[1..] : Value[1..end];
        }
    }

    /// <summary>Resolves <paramref name="text"/>, absolute or relative to <paramref name="current"/>.</summary>
    /// <returns>False when it climbs above the root, is too long, or holds NUL or an unpaired surrogate.</returns>
    public static bool TryResolve(FtpPath current, string text, out FtpPath path)
    {
        path = Root;
        if (text.Length > MaxLength || text.Contains('\0') || HasUnpairedSurrogate(text))
        {
            return false;
        }

        if (IsNormal(text))
        {
            path = new FtpPath(text);
            return true;
        }

        var segments = new List<string>();
        if (!text.StartsWith('/') && !current.IsRoot)
        {
            segments.AddRange(current.Value[1..].Split('/'));
        }

        foreach (var segment in text.Split('/'))
        {
            switch (segment)
            {
                case "" or ".":
                    break;
                case "..":
                    if (segments.Count == 0)
                    {
                        return false;
                    }

                    segments.RemoveAt(segments.Count - 1);
                    break;
                default:
                    segments.Add(segment);
                    break;
            }
        }

        var value = "/" + string.Join('/', segments);
        if (value.Length > MaxLength)
        {
            return false;
        }

        path = new FtpPath(value);
        return true;
    }

    /// <summary>Parses an absolute or relative-to-root path.</summary>
    /// <exception cref="FormatException">The path is not acceptable, see <see cref="TryResolve"/>.</exception>
    public static FtpPath Parse(string text) =>
        TryResolve(Root, text, out var path) ? path : throw new FormatException($"'{text}' is not an acceptable path: it must stay below '/', be at most {MaxLength} characters and hold no NUL.");

    /// <summary>This path with one more segment.</summary>
    public FtpPath Combine(string name) => TryResolve(this, name, out var path)
        ? path
        : throw new FormatException($"'{name}' cannot be appended to '{Value}'.");

    /// <summary>Whether <paramref name="other"/> is this path or lies below it.</summary>
    public bool Contains(FtpPath other) =>
        IsRoot || other.Value == Value || (other.Value.StartsWith(Value, StringComparison.Ordinal) && other.Value[Value.Length] == '/');

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Whether <paramref name="text"/> is an absolute path that needs no change: most are, and then cost no copy.</summary>
    private static bool IsNormal(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '/')
        {
            return false;
        }

        foreach (var range in text[1..].Split('/'))
        {
            if (text[1..][range] is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasUnpairedSurrogate(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAnyInRange('\ud800', '\udfff'); at >= 0 && at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
            {
                continue;
            }

            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return true;
            }

            at++;
        }

        return false;
    }
}
