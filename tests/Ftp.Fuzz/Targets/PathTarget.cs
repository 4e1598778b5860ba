using System.Runtime.InteropServices;
using System.Text;
using ActorLogArchive.Ftp.Protocol;

namespace ActorLogArchive.Ftp.Fuzz.Targets;

/// <summary>Resolving of paths: what stands before the first 01 byte is the working directory.</summary>
public static class PathTarget
{
    public static void Run(byte[] input)
    {
        var cut = Math.Max(0, Array.IndexOf(input, (byte)1));
        var before = input.AsSpan(0, cut);
        var after = input.AsSpan(cut);
        Check(FtpText.Decode(before), FtpText.Decode(after));
        Check(Encoding.UTF8.GetString(before), Encoding.UTF8.GetString(after));

        // Any characters, halves of pairs among them.
        Check("/home", new string(MemoryMarshal.Cast<byte, char>(after)));
    }

    /// <summary>Checks one resolving against the plainest one there is.</summary>
    public static void Check(string directory, string text)
    {
        if (!FtpPath.TryResolve(FtpPath.Root, directory, out var current))
            current = FtpPath.Root;
        if (!FtpPath.TryResolve(current, text, out var path))
        {
            Require.That(path == FtpPath.Root);
            return;
        }

        CheckNormal(path);
        Require.That(path.Value == Model(current.Value, text));

        // Already normal, it stays as it is, wherever it is resolved from.
        Require.That(FtpPath.TryResolve(current, path.Value, out var again) && again == path);
        Require.That(path.IsRoot || path.Parent.Combine(path.Name) == path);
        Require.That(path.Parent.Contains(path) && path.Contains(path) && FtpPath.Root.Contains(path));
        Require.That(path.IsRoot || !path.Contains(path.Parent));
        Require.That(current.Contains(path) == (path == current || current.IsRoot || path.Value.StartsWith(current.Value + "/", StringComparison.Ordinal)));
    }

    private static void CheckNormal(FtpPath path)
    {
        Require.That(path.Value.Length is >= 1 and <= FtpPath.MaxLength && path.Value[0] == '/' && !path.Value.Contains('\0'));
        Require.That(path.IsRoot || path.Value[1..].Split('/').All(segment => segment is not ("" or "." or "..")));

        // It can be sent as it is: no half characters that would come out as others.
        Require.That(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(path.Value)) == path.Value);
    }

    private static string Model(string current, string text)
    {
        var stack = new Stack<string>();
        foreach (var segment in (text.StartsWith('/') ? text : $"{current}/{text}").Split('/'))
        {
            if (segment == "..")
                stack.Pop();
            else if (segment is not ("" or "."))
                stack.Push(segment);
        }

        return "/" + string.Join('/', stack.Reverse());
    }
}
