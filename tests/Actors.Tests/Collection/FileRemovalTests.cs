using System.Text;
using ActorLogArchive.Actors.Collection.Ledger;
using ActorLogArchive.Actors.Collection.Retention;
using ActorLogArchive.Actors.Collection.Scanning;
using ActorLogArchive.Actors.Collection.Uploading;

namespace ActorLogArchive.Actors.Tests.Collection;

/// <summary>The only place where a user's file is removed, with all that may happen between the proof and the removal.</summary>
public sealed class FileRemovalTests : IDisposable
{
    private static readonly DateTime Old = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly TemporaryFolder _node = new();
    private readonly TemporaryFolder _elsewhere = new();

    public void Dispose()
    {
        _node.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public void A_file_that_is_as_it_was_archived_is_removed()
    {
        var file = Archived("app/a.log", "content");

        Assert.Null(FileRemoval.Remove(file));

        Assert.False(File.Exists(file.LocalPath));
        Assert.True(Directory.Exists(Path.GetDirectoryName(file.LocalPath)));
    }

    [Theory]
    [InlineData("grown")]
    [InlineData("truncated")]
    [InlineData("touched")]
    [InlineData("rewritten in place")]
    [InlineData("replaced by one of the same size and time")]
    [InlineData("rotated away, and a new one of the same size and time")]
    [InlineData("given a second name")]
    [InlineData("replaced by a link to a file elsewhere")]
    [InlineData("replaced by a folder")]
    public void What_is_no_longer_as_it_was_archived_stays(string change)
    {
        var file = Archived("app/a.log", "content");
        var path = file.LocalPath;
        var other = _elsewhere.Write("a.log", "CONTENT");
        File.SetLastWriteTimeUtc(other, Old);
        switch (change)
        {
            case "grown":
                File.AppendAllText(path, " and more");
                File.SetLastWriteTimeUtc(path, Old);
                break;
            case "truncated":
                File.WriteAllText(path, "");
                File.SetLastWriteTimeUtc(path, Old);
                break;
            case "touched":
                File.SetLastWriteTimeUtc(path, Old.AddSeconds(1));
                break;
            case "rewritten in place":
                using (var stream = new FileStream(path, FileMode.Open))
                    stream.Write("CONTENT"u8);
                break;
            case "replaced by one of the same size and time":
                File.Move(other, path, overwrite: true);
                break;
            case "rotated away, and a new one of the same size and time":
                File.Move(path, path + ".1");
                File.Move(other, path);
                break;
            case "given a second name":
                TemporaryFolder.Link(path, path + ".2");
                break;
            case "replaced by a link to a file elsewhere":
                File.Delete(path);
                File.CreateSymbolicLink(path, other);
                break;
            default:
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
        }

        Assert.NotNull(FileRemoval.Remove(file));

        Assert.True(Path.Exists(path));
        Assert.True(change.StartsWith("replaced by one", StringComparison.Ordinal) || change.StartsWith("rotated", StringComparison.Ordinal) || File.Exists(other));
    }

    [Theory]
    [InlineData("app")]
    [InlineData("app/inner")]
    public void A_folder_swapped_for_a_link_has_nothing_removed_behind_it(string swapped)
    {
        var file = Archived("app/inner/a.log", "content");

        // Even the very file that was archived: it is not below the watched folder any more.
        var moved = Path.Combine(_elsewhere.Path, "moved");
        Directory.Move(Path.Combine(_node.Path, swapped), moved);
        Directory.CreateSymbolicLink(Path.Combine(_node.Path, swapped), moved);

        Assert.NotNull(FileRemoval.Remove(file));

        Assert.True(File.Exists(file.LocalPath));
    }

    [Fact]
    public void A_file_that_went_by_itself_is_no_error_and_nothing_else_goes()
    {
        var file = Archived("app/a.log", "content");
        var neighbour = _node.Write("app/b.log", "content");
        File.Delete(file.LocalPath);

        Assert.NotNull(FileRemoval.Remove(file));

        Assert.True(File.Exists(neighbour));
    }

    private RetentionProtocol.RemovableFile Archived(string path, string content)
    {
        var local = _node.Write(path, content);
        File.SetLastWriteTimeUtc(local, Old);
        var file = NodeFile.Probe(local);
        return new RetentionProtocol.RemovableFile(
            path, _node.Path, local, $"/agent01/{path}", new ArchivedContent(file.Id, Encoding.UTF8.GetByteCount(content), file.Modified, "", 0, null, file.Modified));
    }
}
