using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ActorLogArchive.Actors.Tests.Collection.Model;

/// <summary>
/// A folder of the node, changed by what programs, editors and logrotate do to log files, beside a model of it: which lineage
/// each name leads to. The model is kept by the operations themselves, never read back from the disk.
/// </summary>
internal sealed class ModelNode(string root)
{
    // Longer than the head that a fingerprint covers: such files differ only behind it.
    private static readonly byte[] SharedHeader = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 64).Select(i => $"# {i:000} the same header in every file of this program, always just as long\n")));

    private readonly List<Lineage> _lineages = [];
    private readonly SortedDictionary<string, Lineage> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _everHadFile = new(StringComparer.Ordinal);
    private DateTime _lastRewrite = DateTime.UtcNow;
    private int _lines;

    public string Root { get; } = root;

    public IReadOnlyDictionary<string, Lineage> Files => _files;

    public IReadOnlyList<Lineage> Lineages => _lineages;

    /// <summary>Names that led to a file at some time.</summary>
    public IReadOnlySet<string> NamesEver => _everHadFile;

    public string? Pick(int choice) => _files.Count == 0 ? null : _files.Keys.ElementAt(choice % _files.Count);

    /// <summary>All that was on the node when everything was archived is safe from now on.</summary>
    public void MarkSafe()
    {
        foreach (var lineage in _files.Values)
            lineage.Safe = lineage.Content.Length;
    }

    public void Write(string name, int size, bool sharedHeader)
    {
        if (_files.ContainsKey(name))
            return;
        var text = Lines(size, _lineages.Count);
        Create(name, sharedHeader ? [.. SharedHeader, .. text] : text);
    }

    public void Append(string name, int size)
    {
        var lineage = _files[name];
        var more = Lines(size, lineage.Number);
        File.AppendAllBytes(Local(name), more);
        lineage.Grow(more);
    }

    /// <summary>A hole at the end: zeros that no block of the disk holds.</summary>
    public void Stretch(string name, int size)
    {
        using (var file = File.OpenHandle(Local(name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) + size);
        _files[name].Grow(new byte[size]);
    }

    public void Delete(string name)
    {
        File.Delete(Local(name));
        _files.Remove(name);
    }

    public void Rename(string from, string to)
    {
        if (from == to || Directory.Exists(Local(to)) || (_files.TryGetValue(to, out var there) && there == _files[from]))
            return; // rename(2) of two names of one file does nothing
        Directory.CreateDirectory(Path.GetDirectoryName(Local(to))!);
        File.Move(Local(from), Local(to), overwrite: true);
        Put(to, _files[from]);
        _files.Remove(from);
    }

    /// <summary>logrotate's <c>create</c>: the oldest goes, each moves up by one, a new file takes the name.</summary>
    public void Rotate(string name, int keep, bool create, int size)
    {
        for (var i = keep; i >= 0; i--)
        {
            var from = i == 0 ? name : Numbered(name, i);
            if (!_files.ContainsKey(from))
                continue;
            if (i == keep)
                Delete(from);
            else
                Rename(from, Numbered(name, i + 1));
        }

        if (create)
            Create(name, Lines(size, _lineages.Count));
    }

    /// <summary>logrotate's <c>copytruncate</c>: the copy is a file of its own, the original goes on empty.</summary>
    public void CopyTruncate(string name, int keep)
    {
        for (var i = keep; i >= 1; i--)
        {
            if (!_files.ContainsKey(Numbered(name, i)))
                continue;
            if (i == keep)
                Delete(Numbered(name, i));
            else
                Rename(Numbered(name, i), Numbered(name, i + 1));
        }

        Create(Numbered(name, 1), _files[name].Content);
        Truncate(name, 0);
    }

    /// <summary>Compressing a rotated file: its bytes are gone, what the archive gets is another file.</summary>
    public void Compress(string name)
    {
        if (_files.ContainsKey(name + ".gz"))
            return;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(_files[name].Content);
        Create(name + ".gz", packed.ToArray());
        Delete(name);
    }

    public void Truncate(string name, int left)
    {
        var kept = _files[name].Content;
        left = Math.Min(left, kept.Length);
        using (var file = File.OpenHandle(Local(name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            RandomAccess.SetLength(file, left);
        Become(name, kept[..left]);
    }

    /// <summary>Other bytes, as many as before, in the same file.</summary>
    public void Rewrite(string name)
    {
        var size = _files[name].Content.Length;
        if (size == 0)
            return;
        var text = Lines(size, _lineages.Count);
        using (var file = File.OpenHandle(Local(name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            RandomAccess.Write(file, text, 0);
        Become(name, text);

        // The kernel's clock for files ticks every few milliseconds: what is written twice in one tick looks the same.
        _lastRewrite = new DateTime(Math.Max(DateTime.UtcNow.Ticks, _lastRewrite.Ticks) + (10 * TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Local(name), _lastRewrite);
    }

    /// <summary>Deleted and made anew at once: on many file systems with the same inode.</summary>
    public void Replace(string name, int size)
    {
        Delete(name);
        Create(name, Lines(size, _lineages.Count));
    }

    /// <summary>What editors do: a temporary file beside it, renamed over it. <paramref name="continues"/>: the old text, and more.</summary>
    public void Edit(string name, int size, bool continues)
    {
        var text = Lines(size, _lineages.Count);
        var content = continues ? [.. _files[name].Content, .. text] : text;
        File.WriteAllBytes(Local(name) + ".tmp", content);
        File.Move(Local(name) + ".tmp", Local(name), overwrite: true);
        Put(name, New(content));
        _everHadFile.Add(name + ".tmp");
    }

    public void Touch(string name) => File.SetLastWriteTimeUtc(Local(name), DateTime.UtcNow);

    public void MakeFolder(string name)
    {
        if (!_files.ContainsKey(name))
            Directory.CreateDirectory(Local(name));
    }

    public void Link(string name, string other)
    {
        if (_files.ContainsKey(other) || Directory.Exists(Local(other)))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Local(other))!);
        if (link(Local(name), Local(other)) != 0)
            throw new IOException($"link {name} {other}: {Marshal.GetLastPInvokeError()}");
        _files[name].Copies++;
        Put(other, _files[name]);
    }

    public string Local(string name) => Path.Combine(Root, name);

    private static string Numbered(string name, int number) => $"{name}.{number.ToString(CultureInfo.InvariantCulture)}";

    private void Create(string name, byte[] content)
    {
        if (Directory.Exists(Local(name)))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Local(name))!);
        File.WriteAllBytes(Local(name), content);
        Put(name, New(content));
    }

    // The same file on the disk, under all its names.
    private void Become(string name, byte[] content)
    {
        var old = _files[name];
        var lineage = New(content);
        var names = _files.Where(file => file.Value == old).Select(file => file.Key).ToList();
        lineage.Copies = names.Count;
        foreach (var linked in names)
            _files[linked] = lineage;
    }

    private Lineage New(byte[] content)
    {
        var lineage = new Lineage(_lineages.Count, content);
        _lineages.Add(lineage);
        return lineage;
    }

    private void Put(string name, Lineage lineage)
    {
        _files[name] = lineage;
        _everHadFile.Add(name);
    }

    // No two lines of a sequence are equal, so that bytes tell where they come from.
    private byte[] Lines(int size, int lineage)
    {
        var text = new StringBuilder();
        while (text.Length < size)
            text.Append(CultureInfo.InvariantCulture, $"{_lines++:00000} lineage {lineage} says something that is not said anywhere else\n");
        return Encoding.UTF8.GetBytes(text.ToString(0, size));
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
